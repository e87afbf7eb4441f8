import type { OrderBook } from './order-book.ts';

/** What the model looks at, in the order of its input tensor. */
export const FEATURES = [
  'imbalance of the best prices',
  'imbalance of all levels',
  'lean of the fair price',
  'recent move',
] as const;

/** Ticks of history that a feature vector needs. */
export const HISTORY = 20;

/**
 * Describes a book in numbers. Imbalance is (bids - asks) / (bids + asks): 1 when only buyers wait, -1 when only sellers do.
 * @param book - the book now
 * @param earlierMid - the middle price {@link HISTORY} ticks ago
 */
export function features(book: OrderBook, earlierMid: number): number[] {
  const near = imbalance(book.bids.slice(0, 1), book.asks.slice(0, 1));
  return [near, imbalance(book.bids, book.asks), lean(book), (book.mid - earlierMid) / HISTORY];
}

function imbalance(bids: readonly number[], asks: readonly number[]): number {
  const buy = sum(bids);
  const sell = sum(asks);
  return (buy - sell) / (buy + sell);
}

/** How far the volume-weighted middle of the whole book is from the plain one, each level weighing less than the one before. */
function lean(book: OrderBook): number {
  let weighted = 0;
  let total = 0;
  book.bids.forEach((bid, level) => {
    const ask = book.asks[level] ?? 0;
    const weight = 1 / (level + 1);
    weighted += weight * Math.log(bid / ask);
    total += weight;
  });
  return weighted / total;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
