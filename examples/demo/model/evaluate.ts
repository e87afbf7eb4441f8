import { type LogisticModel, predict, type Sample } from './logistic.ts';

/** How well a model does on data that it has not seen. */
export interface Evaluation {
  /** Observations. */
  readonly samples: number;
  /** The share that the more frequent label has: what always guessing it would reach. */
  readonly baseRate: number;
  /** The share it got right, calling a chance of at least one half a rise. */
  readonly accuracy: number;
  /** The chance that a rise is scored above a fall (area under the ROC curve); 0.5 is guessing. */
  readonly auc: number;
}

/** Measures a model on held-out samples. */
export function evaluate(model: LogisticModel, samples: readonly Sample[]): Evaluation {
  const scored = samples.map(({ features, label }) => ({ label, score: predict(model, features) }));
  const rises = scored.filter(({ label }) => label === 1).length;
  const right = scored.filter(({ label, score }) => score >= 0.5 === (label === 1)).length;
  return {
    samples: samples.length,
    baseRate: Math.max(rises, samples.length - rises) / samples.length,
    accuracy: right / samples.length,
    auc: areaUnderRoc(scored, rises),
  };
}

/** Counts over the ranks (Mann and Whitney); scores are real numbers, ties are as good as absent. */
function areaUnderRoc(scored: readonly { label: 0 | 1; score: number }[], rises: number): number {
  const byScore = scored.toSorted((left, right) => left.score - right.score);
  let ranks = 0;
  byScore.forEach(({ label }, index) => {
    if (label === 1) ranks += index + 1;
  });
  return (ranks - (rises * (rises + 1)) / 2) / (rises * (scored.length - rises));
}
