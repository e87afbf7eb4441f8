/** A logistic regression: the chance of a rise is 1 / (1 + e^-(bias + weights · scaled features)). */
export interface LogisticModel {
  readonly bias: number;
  readonly weights: readonly number[];
  /** Mean of each feature in the training data. */
  readonly means: readonly number[];
  /** Deviation of each feature in the training data. */
  readonly deviations: readonly number[];
}

/** One observation: the features, and whether the price rose (1) or fell (0). */
export interface Sample {
  readonly features: readonly number[];
  readonly label: 0 | 1;
}

/** The model's chance of a rise, 0..1. */
export function predict(model: LogisticModel, features: ArrayLike<number>): number {
  let score = model.bias;
  model.weights.forEach((weight, index) => {
    const scaled = ((features[index] ?? 0) - (model.means[index] ?? 0)) / (model.deviations[index] ?? 1);
    score += weight * scaled;
  });
  return 1 / (1 + Math.exp(-score));
}

/**
 * Fits a logistic regression by gradient descent over all samples at once.
 * @param samples - at least one
 * @param steps - steps of the descent
 * @param rate - how far each step goes
 */
export function fit(samples: readonly Sample[], steps = 300, rate = 0.5): LogisticModel {
  const width = samples[0]?.features.length ?? 0;
  const columns = Array.from({ length: width }, (_, index) => samples.map((sample) => sample.features[index] ?? 0));
  const means = columns.map(mean);
  const deviations = columns.map((column, index) => deviation(column, means[index] ?? 0));
  let model: LogisticModel = { bias: 0, weights: new Array<number>(width).fill(0), means, deviations };
  for (let step = 0; step < steps; step++) model = descend(model, samples, rate);
  return model;
}

function descend(model: LogisticModel, samples: readonly Sample[], rate: number): LogisticModel {
  let biasSlope = 0;
  const slopes = model.weights.map(() => 0);
  for (const { features, label } of samples) {
    const error = predict(model, features) - label;
    biasSlope += error;
    for (let index = 0; index < slopes.length; index++) {
      const scaled = ((features[index] ?? 0) - (model.means[index] ?? 0)) / (model.deviations[index] ?? 1);
      slopes[index] = (slopes[index] ?? 0) + error * scaled;
    }
  }
  const step = rate / samples.length;
  return {
    ...model,
    bias: model.bias - step * biasSlope,
    weights: model.weights.map((weight, index) => weight - step * (slopes[index] ?? 0)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

function deviation(values: readonly number[], around: number): number {
  return Math.sqrt(mean(values.map((value) => (value - around) ** 2))) || 1;
}
