import type { Stall } from './replay-watch.ts';

/** A trip that was drawn longer ago than this is another one, in microseconds. */
const NEAR_US = 2_000_000;

/** So many trips of a breaker are kept: the reader is a second ahead. */
const MOST = 64;

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
    else if (draws.push({ atUs, drawn }) > MOST) draws.shift();
  }

  /** The number for a trip now, where that breaker tripped about now; undefined where it did not. */
  near(breaker: string, nowUs: number): number | undefined {
    let nearest: Draw | undefined;
    let least = NEAR_US;
    // Several policies may ask for the same one.
    for (const draw of this.#draws.get(breaker) ?? []) {
      const away = Math.abs(draw.atUs - nowUs);
      if (away >= least) continue;
      nearest = draw;
      least = away;
    }
    return nearest?.drawn;
  }

  stalled(stall: Stall): void {
    this.#stalls.push(stall);
  }

  /** That stretch is over. */
  stallOver(): void {
    this.#stalls.shift();
  }
}
