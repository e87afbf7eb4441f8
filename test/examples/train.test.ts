import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../examples/demo/model/evaluate.ts';
import { fit, predict, type Sample } from '../../examples/demo/model/logistic.ts';
import { MODEL_FILE, modelText, train } from '../../examples/demo/model/train.ts';
import { gaussian, seededRandom } from '../../examples/random.ts';

describe('the trained model', () => {
  const model = train();

  test('is the committed one, byte for byte', () => {
    expect(modelText(model)).toBe(readFileSync(MODEL_FILE, 'utf8'));
  });

  test('does clearly better than always guessing one way, and is not too good to be true', () => {
    const { accuracy, auc, baseRate, samples } = model.evaluation;
    // Three standard errors of a share over the held-out samples.
    expect(accuracy - baseRate).toBeGreaterThan(3 * Math.sqrt(0.25 / samples));
    expect(auc).toBeGreaterThan(0.7);
    expect(accuracy).toBeLessThan(0.9);
  });

  test('expects a rise where more volume waits to buy', () => {
    expect(predict(model, [0.5, 0.5, 1, 0])).toBeGreaterThan(0.6);
    expect(predict(model, [-0.5, -0.5, -1, 0])).toBeLessThan(0.4);
  });
});

describe('fitting', () => {
  /** Labels drawn from a known model: 1.5 times the first feature, nothing from the second. */
  function knownSamples(count: number): Sample[] {
    const random = seededRandom(5);
    return Array.from({ length: count }, () => {
      const features = [gaussian(random), gaussian(random)];
      return { features, label: random() < 1 / (1 + Math.exp(-1.5 * (features[0] ?? 0))) ? 1 : 0 };
    });
  }

  test('finds the weights that made the data', () => {
    const { weights, bias } = fit(knownSamples(4_000));
    expect(weights[0]).toBeCloseTo(1.5, 0);
    expect(Math.abs(weights[1] ?? 1)).toBeLessThan(0.15);
    expect(Math.abs(bias)).toBeLessThan(0.15);
  });

  test('a model that knows nothing scores one half', () => {
    const blind = { bias: 0, weights: [0], means: [0], deviations: [1] };
    const noise: Sample[] = Array.from({ length: 1_000 }, (_, index) => ({ features: [0], label: index % 2 === 0 ? 1 : 0 }));
    expect(evaluate(blind, noise)).toMatchObject({ baseRate: 0.5, accuracy: 0.5, samples: 1_000 });
  });

  test('area under the curve counts the pairs in the right order', () => {
    const identity = { bias: 0, weights: [1], means: [0], deviations: [1] };
    const samples: Sample[] = [
      { features: [0.1], label: 0 },
      { features: [0.2], label: 1 },
      { features: [0.3], label: 0 },
      { features: [0.4], label: 1 },
    ];
    // Of the four pairs of a rise and a fall, three have the rise on top.
    expect(evaluate(identity, samples).auc).toBe(0.75);
  });
});
