import type { Outcome } from '../core/outcome.ts';
import type { BacktestCounts } from './backtest-result.ts';

/** Counts a call that was refused, or would be, by how it ended. */
export function countRefused(counts: BacktestCounts, outcome: Outcome): void {
  if (outcome === 'success') counts.refusedGood++;
  else if (outcome === 'failure') counts.refusedBad++;
  else counts.refusedIgnored++;
}
