import type { Stall } from './replay-watch.ts';

/** A trip that was drawn longer ago than this is another one, in microseconds. */
const NEAR_US = 2_000_000;

interface Draw {
  readonly atUs: number;
  readonly drawn: number;
}

/** What the reader, who is ahead, has seen of what is to come: random numbers of live trips, and stalls of the process. */
export class LiveDraws {
  readonly #draws = new Map<string, Draw[]>();
  readonly #stalls: Stall[] = [];

  /** The next stretch in which the process stood still. */
  get next(): Stall | undefined {
    return this.#stalls[0];
  }

  /** A breaker opened, live, for a period that was drawn with this number. */
  drew(breaker: string, atUs: number, drawn: number): void {
    const draws = this.#draws.get(breaker);
    if (draws === undefined) this.#draws.set(breaker, [{ atUs, drawn }]);
    else draws.push({ atUs, drawn });
  }

  /** The number for a trip now, where that breaker tripped about now; undefined where it did not. */
  near(breaker: string, nowUs: number): number | undefined {
    const draws = this.#draws.get(breaker);
    if (draws === undefined) return undefined;
    while (draws[0] !== undefined && draws[0].atUs < nowUs - NEAR_US) draws.shift();
    const [first] = draws;
    if (first === undefined || first.atUs > nowUs + NEAR_US) return undefined;
    draws.shift();
    return first.drawn;
  }

  stalled(stall: Stall): void {
    this.#stalls.push(stall);
  }

  /** That stretch is over. */
  stallOver(): void {
    this.#stalls.shift();
  }
}
