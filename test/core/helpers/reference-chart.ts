import type { ChartPlan, ChartPlans } from '../../../src/core/trip/adaptive/chart-plan.ts';
import { ShareBaseline } from '../../../src/core/trip/adaptive/share-baseline.ts';

/** A result that a chart took in. */
export interface ChartResult {
  readonly isHit: boolean;
  readonly atMs: number;
}

/** How a chart stands after some results. */
export interface ChartStand {
  readonly hasTripped: boolean;
  readonly isCalm: boolean;
  /** Of the suspicion that is not over. */
  readonly calls: number;
  readonly hits: number;
  readonly steps: number;
  readonly learnedCalls: number;
  readonly learnedHits: number;
}

/** How a chart should stand, worked out from the list of all results. */
export function chartByHand(
  results: readonly ChartResult[],
  plans: ChartPlans,
  options: { burstMs: number; halfLifeMs: number; warmUp: number },
): ChartStand {
  const baseline = new ShareBaseline(options.halfLifeMs, options.warmUp);
  let quiet = 0;
  let at = 0;
  while (at < results.length) {
    const result = results[at] as ChartResult;
    if (result.isHit) {
      const plan = baseline.calls >= options.warmUp ? plans.for(baseline.upperBound) : plans.prior;
      const suspicion = suspicionByHand(results.slice(at), plan, options.burstMs);
      if (!suspicion.isAcquitted) {
        return { ...suspicion, isCalm: false, learnedCalls: baseline.calls, learnedHits: baseline.hits };
      }
      at += suspicion.calls;
      baseline.add(suspicion.learn.length, suspicion.learn.filter(({ isHit }) => isHit).length, results[at - 1]?.atMs ?? 0);
      continue;
    }
    at++;
    if (++quiet < 256) continue;
    baseline.add(quiet, 0, result.atMs);
    quiet = 0;
  }
  const none = { hasTripped: false, isCalm: true, calls: 0, hits: 0, steps: 0 };
  return { ...none, learnedCalls: baseline.calls, learnedHits: baseline.hits };
}

interface Suspicion {
  readonly isAcquitted: boolean;
  readonly hasTripped: boolean;
  readonly calls: number;
  readonly hits: number;
  readonly steps: number;
  /** The results that belong to the baseline where it is acquitted. */
  readonly learn: readonly ChartResult[];
}

/** A suspicion from its first hit on: two stages, or one where there is no burst to wait for. */
function suspicionByHand(results: readonly ChartResult[], plan: ChartPlan, burstMs: number): Suspicion {
  const walk = (part: readonly ChartResult[]) => {
    let steps = 0;
    return part.map(({ isHit }) => (steps += isHit ? plan.up : -1));
  };
  const first = walk(results);
  const upper = burstMs === 0 ? plan.alarm : plan.suspicion;
  const end = first.findIndex((steps) => steps === 0 || steps >= upper);
  const stand = (count: number, steps: number, isAcquitted: boolean, hasTripped: boolean, learn: readonly ChartResult[]) => {
    const hits = results.slice(0, count).filter(({ isHit }) => isHit).length;
    return { isAcquitted, hasTripped, calls: count, hits, steps, learn };
  };
  if (end < 0) return stand(results.length, first.at(-1) ?? 0, false, false, []);
  if (first[end] === 0) return stand(end + 1, 0, true, false, results.slice(0, end + 1));
  if (burstMs === 0) return stand(end + 1, first[end] ?? 0, false, true, []);
  // The burst's time begins when the evidence reaches the threshold, and begins anew when it has been under it.
  let sinceMs: number | undefined = results[end]?.atMs;
  let fresh = -1;
  for (let i = end + 1; i < results.length && fresh < 0; i++) {
    const { atMs } = results[i] as ChartResult;
    const steps = first[i] as number;
    if (sinceMs !== undefined && atMs >= sinceMs + burstMs) fresh = i;
    else if (steps <= 0) return stand(i + 1, 0, true, false, results.slice(0, end + 1));
    else if (steps < plan.suspicion) sinceMs = undefined;
    else sinceMs ??= atMs;
  }
  if (fresh < 0) return stand(results.length, first.at(-1) ?? 0, false, false, []);
  const second = walk(results.slice(fresh));
  const decided = second.findIndex((steps) => steps >= plan.confirmed || steps <= plan.cleared);
  if (decided < 0) return stand(results.length, second.at(-1) ?? 0, false, false, []);
  const count = fresh + decided + 1;
  const hasTripped = (second[decided] ?? 0) > 0;
  const learn = [...results.slice(0, end + 1), ...results.slice(fresh, count)];
  return stand(count, hasTripped ? (second[decided] ?? 0) : 0, !hasTripped, hasTripped, learn);
}
