import { USUAL_SIGMA } from '../scenarios/build.ts';
import { meanRunLength, thresholdFor } from './run-length.ts';

/**
 * The fastest plain Bernoulli CUSUM for one case, chosen with hindsight: it knows the share of hits before and after. Its steps are the
 * likelihood ratio's or the lattice nearest to them, whichever is faster; its threshold is the lowest whose run length is long enough.
 * @returns the mean number of calls from the change to the alarm, from a chart that stands at zero
 */
export function bestDelay(usual: number, sick: number, falseTripEvery: number): number {
  const p1 = Math.min(sick, 0.999_999);
  const odds = Math.log((p1 * (1 - usual)) / (usual * (1 - p1)));
  const miss = -Math.log((1 - p1) / (1 - usual));
  const ideal = Math.max(1, Math.round(odds / miss) - 1);
  let best = Infinity;
  for (const up of new Set([0.5, 0.7, 0.85, 1, 1.2, 1.5, 2].map((factor) => Math.max(1, Math.round(ideal * factor))))) {
    best = Math.min(best, meanRunLength(sick, up, thresholdFor(usual, up, falseTripEvery)));
  }
  return best;
}

/** As {@link bestDelay} for latencies that become so many times longer, with the slow limit that makes it fastest. */
export function bestLatencyDelay(slowdown: number, falseTripEvery: number): number {
  let best = Infinity;
  const shift = Math.log(slowdown) / USUAL_SIGMA;
  // A limit that fewer than a third of the slow calls exceed sees them late, and takes long to work out.
  for (let z = 1; z <= shift + 0.4; z += 0.1) {
    best = Math.min(best, bestDelay(normalTail(z), normalTail(z - shift), falseTripEvery));
  }
  return best;
}

/** The share of a standard normal distribution over z, to 1e-7 (Abramowitz & Stegun 1964, 26.2.17). */
function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const t = 1 / (1 + 0.231_641_9 * z);
  const sum = t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
