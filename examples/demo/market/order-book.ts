import { gaussian, type Random } from '../../random.ts';

/** Price levels on each side of the book. */
const LEVELS = 5;

/** The order book at one tick. */
export interface OrderBook {
  /** Middle between the best bid and the best ask, in price steps. */
  readonly mid: number;
  /** Volumes that wait to buy, best price first. */
  readonly bids: readonly number[];
  /** Volumes that wait to sell, best price first. */
  readonly asks: readonly number[];
}

/** How much of the pressure is left a tick later: it lasts about 50 ticks. */
const PRESSURE_MEMORY = 0.98;
/** The share of ticks on which the price moves. */
const MOVES = 0.35;
/** How strongly the pressure decides the direction of a move. */
const PULL = 1.1;
const MEAN_VOLUME = 100;

/**
 * An endless, made-up market. A hidden pressure comes and goes; where it wants to buy, more volume waits on the bid side, least
 * clearly on the far levels, and the price tends to step up. Volumes are noisy, so that the book tells something about the
 * next steps and far from everything.
 */
export function* orderBooks(random: Random): Generator<OrderBook, never, void> {
  let pressure = gaussian(random);
  let mid = 10_000;
  for (;;) {
    pressure = PRESSURE_MEMORY * pressure + Math.sqrt(1 - PRESSURE_MEMORY ** 2) * gaussian(random);
    if (random() < MOVES) mid += random() < 1 / (1 + Math.exp(-PULL * pressure)) ? 1 : -1;
    yield { mid, bids: volumes(pressure, random), asks: volumes(-pressure, random) };
  }
}

function volumes(pressure: number, random: Random): number[] {
  return Array.from({ length: LEVELS }, (_, level) => {
    const told = 0.45 * pressure * 0.7 ** level;
    return Math.max(1, Math.round(MEAN_VOLUME * (1 + 0.2 * level) * Math.exp(told + 0.7 * gaussian(random))));
  });
}
