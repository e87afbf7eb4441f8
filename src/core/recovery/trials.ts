const FREE = Number.POSITIVE_INFINITY;
const SUCCEEDED = Number.NEGATIVE_INFINITY;

/**
 * The trials of one half-open period: so many permits in total, each on a lease.
 * A place holds the time at which its lease ends, FREE before it is granted, SUCCEEDED after its call succeeded.
 */
export class Trials {
  readonly #maxLeaseMs: number;
  readonly #ends: Float64Array;
  readonly #leases: Float64Array;
  /** Trials that have been answered, but have not ended: streams. */
  readonly #answered: Uint8Array;
  #succeeded = 0;

  /**
   * @param trials - how many
   * @param maxLeaseMs - no lease is longer
   */
  constructor(trials: number, maxLeaseMs: number) {
    this.#maxLeaseMs = maxLeaseMs;
    this.#ends = new Float64Array(trials).fill(FREE);
    this.#leases = new Float64Array(trials);
    this.#answered = new Uint8Array(trials);
  }

  /** All of them succeeded. */
  get haveSucceeded(): boolean {
    return this.#succeeded === this.#ends.length;
  }

  /**
   * Takes a place for a trial; -1 when all are taken.
   * @param deadlineMs - milliseconds left until its deadline. One that is past already says nothing of the dependency: the longest lease holds
   */
  grant(nowMs: number, deadlineMs: number): number {
    const place = this.#ends.indexOf(FREE);
    if (place >= 0) {
      const leaseMs = deadlineMs > 0 ? Math.min(deadlineMs, this.#maxLeaseMs) : this.#maxLeaseMs;
      this.#ends[place] = nowMs + leaseMs;
      this.#leases[place] = leaseMs;
      this.#answered[place] = 0;
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
    if (this.#ends[place] !== SUCCEEDED) this.#ends[place] = FREE;
  }

  /** Notes a trial that succeeded. */
  succeed(place: number): void {
    if (this.#ends[place] === SUCCEEDED) return;
    this.#ends[place] = SUCCEEDED;
    this.#succeeded++;
  }

  /** Notes that a trial has its first message: when it is still under way at the end of its lease, it has succeeded. */
  answer(place: number): void {
    this.#answered[place] = 1;
  }

  /** Settles the trials whose lease is over: answered ones have succeeded. Returns the lease, in milliseconds, of one that was not; -1 when there is none. */
  expire(nowMs: number): number {
    const ends = this.#ends;
    for (let place = 0; place < ends.length; place++) {
      const end = ends[place] as number;
      if (end > nowMs || end === SUCCEEDED) continue;
      if (this.#answered[place] === 0) return this.#leases[place] as number;
      this.succeed(place);
    }
    return -1;
  }

  /** Begins a new half-open period. */
  clear(): void {
    this.#ends.fill(FREE);
    this.#succeeded = 0;
  }
}
