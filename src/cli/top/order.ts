import { byAttention, compareNames } from '../attention.ts';
import type { RatedBreaker } from './rates.ts';
import type { Order } from './top-options.ts';

/** Each puts the largest first. */
const NUMBERS: Readonly<Record<Exclude<Order, 'attention' | 'name'>, (breaker: RatedBreaker) => number>> = {
  calls: ({ rates }) => rates?.callsPerSecond ?? 0,
  failed: ({ rates }) => rates?.failedShare ?? 0,
  refused: ({ rates }) => rates?.refusedPerSecond ?? 0,
  latency: ({ latency }) => latency?.p99Ms ?? 0,
};

/** Breakers in an order; ties by name. */
export function inOrder(breakers: readonly RatedBreaker[], order: Order, isReversed: boolean): RatedBreaker[] {
  const sorted = breakers.toSorted(comparison(order));
  return isReversed ? sorted.toReversed() : sorted;
}

function comparison(order: Order): (one: RatedBreaker, other: RatedBreaker) => number {
  if (order === 'attention') return byAttention;
  if (order === 'name') return compareNames;
  const number = NUMBERS[order];
  return (one, other) => number(other) - number(one) || compareNames(one, other);
}
