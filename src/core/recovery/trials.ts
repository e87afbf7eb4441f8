/** The result of a trial: nothing is certain yet, or all trials have succeeded. */
export type TrialProgress = 'undecided' | 'allSucceeded';

const FREE = Number.POSITIVE_INFINITY;
const SUCCEEDED = Number.NEGATIVE_INFINITY;

/**
 * The trials of one half-open period: so many permits in total, each on a lease.
 * A place holds the time at which its lease ends, FREE before it is granted, SUCCEEDED after its call succeeded.
 */
export class Trials {
  readonly #ends: Float64Array;
  readonly #leases: Float64Array;
  #succeeded = 0;

  constructor(trials: number) {
    this.#ends = new Float64Array(trials).fill(FREE);
    this.#leases = new Float64Array(trials);
  }

  /** Takes a place for a trial; -1 when all are taken. */
  grant(nowMs: number, leaseMs: number): number {
    const place = this.#ends.indexOf(FREE);
    if (place >= 0) {
      // The largest finite number stands for a lease without end, which FREE would hide.
      this.#ends[place] = Math.min(nowMs + leaseMs, Number.MAX_VALUE);
      this.#leases[place] = leaseMs;
    }
    return place;
  }

  /** Milliseconds until a place is free at the latest: 0 when one is, else until the first lease ends. */
  nextPlaceInMs(nowMs: number): number {
    let first = Number.MAX_VALUE;
    for (const end of this.#ends) {
      if (end === FREE) return 0;
      if (end !== SUCCEEDED) first = Math.min(first, end);
    }
    return Math.max(0, first - nowMs);
  }

  /** Gives the place of a trial back that said nothing. */
  giveBack(place: number): void {
    this.#ends[place] = FREE;
  }

  /** Notes a trial that succeeded. */
  succeed(place: number): TrialProgress {
    this.#ends[place] = SUCCEEDED;
    this.#succeeded++;
    return this.#succeeded === this.#ends.length ? 'allSucceeded' : 'undecided';
  }

  /** The lease, in milliseconds, of a trial whose time is over; -1 when there is none. */
  expiredLease(nowMs: number): number {
    const ends = this.#ends;
    for (let place = 0; place < ends.length; place++) {
      const end = ends[place] as number;
      if (end <= nowMs && end !== SUCCEEDED) return this.#leases[place] as number;
    }
    return -1;
  }

  /** Begins a new half-open period. */
  clear(): void {
    this.#ends.fill(FREE);
    this.#succeeded = 0;
  }
}
