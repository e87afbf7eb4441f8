import { LATENCY_BUCKETS, latencyBucket } from './latency-histogram.ts';
import type { LatencyWindow } from './latency-window.ts';

/** In the ring beside the number of a bucket: the latency is over the limit. */
const OVER = 0x8000;
/** It is not known yet. */
const UNDER_WAY = 0x4000;
const BUCKET = 0x3fff;

/** The last `calls` latencies: a ring of two bytes for each, and a histogram of what is in it. */
export class LatencyCountWindow implements LatencyWindow {
  readonly #ring: Uint16Array;
  readonly #limitMs: number;
  readonly #limitBucket: number;
  readonly counts: Uint32Array = new Uint32Array(LATENCY_BUCKETS);
  #next = 0;
  /** Latencies in the ring that are not known yet. */
  #underWay = 0;
  /** Those before this place, from the oldest on, are known: so many are between it and the newest. */
  #unsearched = 0;
  total = 0;
  hits = 0;

  constructor(calls: number, limitMs: number) {
    this.#ring = new Uint16Array(calls);
    this.#limitMs = limitMs;
    this.#limitBucket = latencyBucket(limitMs);
  }

  get byteLength(): number {
    return this.#ring.byteLength + this.counts.byteLength;
  }

  record(durationMs: number, _nowMs: number): boolean {
    const isOver = durationMs > this.#limitMs;
    this.#push(latencyBucket(durationMs) | (isOver ? OVER : 0));
    return isOver;
  }

  recordUnderWay(_nowMs: number): void {
    this.#push(this.#limitBucket | OVER | UNDER_WAY);
    this.#underWay++;
  }

  /** The oldest latency that is not known yet takes this one: which call was which is not kept, and makes no difference to percentiles. */
  putRight(durationMs: number, _nowMs: number): void {
    if (this.#underWay === 0 || !(durationMs > this.#limitMs)) return;
    const ring = this.#ring;
    let at = this.#next - this.#unsearched;
    if (at < 0) at += ring.length;
    // One that is not known yet lies ahead. Each place is passed once, so this costs one step a call.
    while (((ring[at] as number) & UNDER_WAY) === 0) {
      at = at + 1 === ring.length ? 0 : at + 1;
      this.#unsearched--;
    }
    const bucket = latencyBucket(durationMs);
    this.#count(this.#limitBucket, -1);
    this.#count(bucket, 1);
    ring[at] = bucket | OVER;
    this.#underWay--;
  }

  advance(_nowMs: number): void {
    // Latencies leave this window when newer ones come, not with time.
  }

  clear(): void {
    this.counts.fill(0);
    this.#next = 0;
    this.#underWay = 0;
    this.#unsearched = 0;
    this.total = 0;
    this.hits = 0;
  }

  #push(entry: number): void {
    const ring = this.#ring;
    const at = this.#next;
    if (this.total === ring.length) this.#drop(ring[at] as number);
    else this.total++;
    ring[at] = entry;
    this.#count(entry & BUCKET, 1);
    if ((entry & OVER) !== 0) this.hits++;
    if (this.#unsearched < ring.length) this.#unsearched++;
    this.#next = at + 1 === ring.length ? 0 : at + 1;
  }

  #drop(entry: number): void {
    this.#count(entry & BUCKET, -1);
    if ((entry & OVER) !== 0) this.hits--;
    if ((entry & UNDER_WAY) !== 0) this.#underWay--;
  }

  #count(bucket: number, change: number): void {
    this.counts[bucket] = (this.counts[bucket] as number) + change;
  }
}
