/** How a figure spread over the rounds. */
export interface Spread {
  readonly median: number;
  /** 10th and 90th percentile: what a noisy neighbour cannot stretch as it does the extremes. */
  readonly low: number;
  readonly high: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
}

/** The spread of some samples. */
export function spreadOf(samples: readonly number[]): Spread {
  if (samples.length === 0) throw new RangeError('a spread needs at least one sample');
  const sorted = [...samples].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.1),
    high: quantile(sorted, 0.9),
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
    rounds: sorted.length,
  };
}

/** Between two neighbours it is interpolated. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}
