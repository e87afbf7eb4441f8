import { LATENCY_BUCKETS, latencyBucket } from './latency-histogram.ts';
import type { LatencyWindow } from './latency-window.ts';

/** For each slice: latencies, those over the limit, those not known yet. */
const TOTAL = 0;
const OVER = 1;
const UNDER_WAY = 2;
const TALLIES = 3;

/**
 * The latencies of the last `durationMs` milliseconds, in slices as in `TimeWindow`: the one being filled and the `slices - 1` before
 * it. A slice leaves whole. Each has a histogram, and there is one of all together.
 */
export class LatencyTimeWindow implements LatencyWindow {
  readonly #tallies: Uint32Array;
  readonly #histograms: Uint32Array;
  readonly #sliceMs: number;
  readonly #slices: number;
  readonly #limitMs: number;
  readonly #limitBucket: number;
  readonly counts: Uint32Array = new Uint32Array(LATENCY_BUCKETS);
  /** Number of the newest slice since the clock's origin. */
  #newest = Number.NEGATIVE_INFINITY;
  /** Its place in the ring. */
  #place = 0;
  total = 0;
  hits = 0;

  constructor(durationMs: number, slices: number, limitMs: number) {
    this.#tallies = new Uint32Array(slices * TALLIES);
    this.#histograms = new Uint32Array(slices * LATENCY_BUCKETS);
    this.#sliceMs = durationMs / slices;
    this.#slices = slices;
    this.#limitMs = limitMs;
    this.#limitBucket = latencyBucket(limitMs);
  }

  get byteLength(): number {
    return this.#tallies.byteLength + this.#histograms.byteLength + this.counts.byteLength;
  }

  record(durationMs: number, nowMs: number): boolean {
    const isOver = durationMs > this.#limitMs;
    this.advance(nowMs);
    this.#add(latencyBucket(durationMs), isOver);
    return isOver;
  }

  recordUnderWay(nowMs: number): void {
    this.advance(nowMs);
    this.#add(this.#limitBucket, true);
    this.#tally(this.#place, UNDER_WAY, 1);
  }

  /**
   * It was added when it had just passed the limit, or a little later: a latency not known yet, from the first slice from there on that has
   * one, takes this one. Which call was which is not kept.
   */
  putRight(durationMs: number, nowMs: number): void {
    if (!(durationMs > this.#limitMs)) return;
    this.advance(nowMs);
    const since = Math.floor((nowMs - (durationMs - this.#limitMs)) / this.#sliceMs);
    // Where it has left the window, so has what it would put right.
    if (since <= this.#newest - this.#slices) return;
    for (let back = Math.max(0, this.#newest - since); back >= 0; back--) {
      const place = back <= this.#place ? this.#place - back : this.#place - back + this.#slices;
      if (this.#tallies[place * TALLIES + UNDER_WAY] === 0) continue;
      this.#tally(place, UNDER_WAY, -1);
      this.#count(place, this.#limitBucket, -1);
      this.#count(place, latencyBucket(durationMs), 1);
      return;
    }
  }

  advance(nowMs: number): void {
    const slice = Math.floor(nowMs / this.#sliceMs);
    // A clock that went back (it should not) keeps filling the newest slice.
    if (slice <= this.#newest) return;
    const passed = slice - this.#newest;
    this.#newest = slice;
    if (passed >= this.#slices || this.total === 0) {
      this.clear();
      return;
    }
    for (let i = 0; i < passed; i++) this.#dropOldest();
  }

  clear(): void {
    if (this.total !== 0) {
      this.#tallies.fill(0);
      this.#histograms.fill(0);
      this.counts.fill(0);
    }
    this.#place = 0;
    this.total = 0;
    this.hits = 0;
  }

  #add(bucket: number, isOver: boolean): void {
    this.total++;
    this.#tally(this.#place, TOTAL, 1);
    this.#count(this.#place, bucket, 1);
    if (!isOver) return;
    this.hits++;
    this.#tally(this.#place, OVER, 1);
  }

  #dropOldest(): void {
    this.#place = this.#place + 1 === this.#slices ? 0 : this.#place + 1;
    const at = this.#place * TALLIES;
    const total = this.#tallies[at + TOTAL] as number;
    if (total === 0) return;
    this.total -= total;
    this.hits -= this.#tallies[at + OVER] as number;
    this.#tallies.fill(0, at, at + TALLIES);
    const from = this.#place * LATENCY_BUCKETS;
    for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
      this.counts[bucket] = (this.counts[bucket] as number) - (this.#histograms[from + bucket] as number);
    }
    this.#histograms.fill(0, from, from + LATENCY_BUCKETS);
  }

  #tally(place: number, which: number, change: number): void {
    const at = place * TALLIES + which;
    this.#tallies[at] = (this.#tallies[at] as number) + change;
  }

  #count(place: number, bucket: number, change: number): void {
    const at = place * LATENCY_BUCKETS + bucket;
    this.#histograms[at] = (this.#histograms[at] as number) + change;
    this.counts[bucket] = (this.counts[bucket] as number) + change;
  }
}
