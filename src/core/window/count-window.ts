import type { RateWindow } from './rate-window.ts';

/** The last `calls` results, in a ring of bytes. */
export class CountWindow implements RateWindow {
  readonly #ring: Uint8Array;
  #next = 0;
  total = 0;
  hits = 0;

  constructor(calls: number) {
    this.#ring = new Uint8Array(calls);
  }

  record(hit: boolean, _nowMs: number): void {
    const ring = this.#ring;
    const at = this.#next;
    if (this.total === ring.length) this.hits -= ring[at] as number;
    else this.total++;
    const value = hit ? 1 : 0;
    ring[at] = value;
    this.hits += value;
    this.#next = at + 1 === ring.length ? 0 : at + 1;
  }

  advance(_nowMs: number): void {
    // Results leave this window when newer ones come, not with time.
  }

  clear(): void {
    this.total = 0;
    this.hits = 0;
    this.#next = 0;
  }
}
