const FREE = Number.POSITIVE_INFINITY;
const SUCCEEDED = Number.NEGATIVE_INFINITY;

/** No such trial: it was not granted, or its place was given to another one meanwhile. */
const NO_PLACE = -1;

/**
 * The places for half-open trials: so many at a time, each on a lease. A place holds the time at which its lease ends, FREE before it is
 * granted, and SUCCEEDED after its call succeeded where the place is not to be granted again. A trial is known by its ticket.
 */
export class Trials {
  readonly #maxLeaseMs: number;
  readonly #ends: Float64Array;
  readonly #leases: Float64Array;
  readonly #tickets: Float64Array;
  /** Trials that have been answered, but have not ended: streams. */
  readonly #answered: Uint8Array;
  #rounds = 0;
  /** Trials that have succeeded. */
  succeeded = 0;

  /**
   * @param trials - how many
   * @param maxLeaseMs - no lease is longer
   */
  constructor(trials: number, maxLeaseMs: number) {
    this.#maxLeaseMs = maxLeaseMs;
    this.#ends = new Float64Array(trials).fill(FREE);
    this.#leases = new Float64Array(trials);
    this.#tickets = new Float64Array(trials).fill(NO_PLACE);
    this.#answered = new Uint8Array(trials);
  }

  /** All places hold a trial that succeeded. */
  get haveSucceeded(): boolean {
    return this.succeeded === this.#ends.length;
  }

  /**
   * Takes a place for a trial.
   * @param deadlineMs - milliseconds left until its deadline. One that is past already says nothing of the dependency: the longest lease holds
   * @param atMost - so many may be under way at a time
   * @returns its ticket; -1 when no place is free
   */
  grant(nowMs: number, deadlineMs: number, atMost: number): number {
    const place = this.#ends.indexOf(FREE);
    if (place < 0 || this.#underWay() >= atMost) return NO_PLACE;
    const leaseMs = deadlineMs > 0 ? Math.min(deadlineMs, this.#maxLeaseMs) : this.#maxLeaseMs;
    const ticket = this.#rounds++ * this.#ends.length + place;
    this.#ends[place] = nowMs + leaseMs;
    this.#leases[place] = leaseMs;
    this.#answered[place] = 0;
    this.#tickets[place] = ticket;
    return ticket;
  }

  /** Milliseconds until a place is free at the latest: 0 when one is, else until the first lease ends. */
  nextPlaceInMs(nowMs: number, atMost: number): number {
    const isFull = this.#underWay() >= atMost;
    let first = Number.MAX_VALUE;
    for (const end of this.#ends) {
      if (end === FREE && !isFull) return 0;
      if (end !== SUCCEEDED && end !== FREE) first = Math.min(first, end);
    }
    return Math.max(0, first - nowMs);
  }

  /** Whether a ticket still holds its place. */
  holds(ticket: number): boolean {
    return this.#placeOf(ticket) !== NO_PLACE;
  }

  /** Gives the place of a trial back. */
  giveBack(ticket: number): void {
    const place = this.#placeOf(ticket);
    if (place === NO_PLACE || this.#ends[place] === SUCCEEDED) return;
    this.#ends[place] = FREE;
    this.#tickets[place] = NO_PLACE;
  }

  /** Notes a trial that succeeded: its place is not granted again in this round. */
  succeed(ticket: number): void {
    const place = this.#placeOf(ticket);
    if (place === NO_PLACE || this.#ends[place] === SUCCEEDED) return;
    this.#ends[place] = SUCCEEDED;
    this.succeeded++;
  }

  /** Notes that a trial has its first message: when it is still under way at the end of its lease, it has succeeded. */
  answer(ticket: number): void {
    const place = this.#placeOf(ticket);
    if (place !== NO_PLACE) this.#answered[place] = 1;
  }

  /** The ticket of a trial whose lease is over; -1 when there is none. */
  expired(nowMs: number): number {
    const place = this.#ends.findIndex((end) => end <= nowMs && end !== SUCCEEDED);
    return place < 0 ? NO_PLACE : (this.#tickets[place] as number);
  }

  /** Whether a trial has been answered. */
  isAnswered(ticket: number): boolean {
    const place = this.#placeOf(ticket);
    return place !== NO_PLACE && this.#answered[place] === 1;
  }

  /** The lease of a trial, in milliseconds. */
  leaseMs(ticket: number): number {
    const place = this.#placeOf(ticket);
    return place === NO_PLACE ? 0 : (this.#leases[place] as number);
  }

  /** Begins a new half-open period. */
  clear(): void {
    this.#ends.fill(FREE);
    this.#tickets.fill(NO_PLACE);
    this.succeeded = 0;
  }

  /** How long the oldest trial has been under way, in milliseconds; 0 without one. */
  longestMs(nowMs: number): number {
    let longest = 0;
    this.#ends.forEach((end, place) => {
      if (end !== FREE && end !== SUCCEEDED) longest = Math.max(longest, nowMs - end + (this.#leases[place] as number));
    });
    return longest;
  }

  #underWay(): number {
    let count = 0;
    for (const end of this.#ends) if (end !== FREE && end !== SUCCEEDED) count++;
    return count;
  }

  #placeOf(ticket: number): number {
    const place = ticket < 0 ? NO_PLACE : ticket % this.#ends.length;
    return place !== NO_PLACE && this.#tickets[place] === ticket ? place : NO_PLACE;
  }
}
