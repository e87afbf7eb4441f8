import type { BadCall, Evidence } from '../verdict.ts';

/** So many calls stand in a verdict. */
const KEPT = 8;

/** After so many milliseconds without a bad call, the next one begins a new span. */
const QUIET_MS = 10_000;

/** Numbers that are kept of a call. */
const FIELDS = 4;

/** The failed and slow calls of late, for verdicts. Costs nothing until there is one, and little after. */
export class BadCalls {
  /** Not a typed array, which costs 200 bytes more a breaker, and as long as need be: most breakers that saw a bad call saw one. */
  #ring: number[] | undefined;
  #codes: Map<number, number> | undefined;
  #count = 0;
  #bad = 0;
  #firstMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** A call failed, or was slow. Known is one that was added while it was under way: it stands here once more, and is counted once. */
  add(failed: boolean, durationMs: number, code: number, nowMs: number, isKnown: boolean): void {
    if (nowMs - this.#lastMs > QUIET_MS) this.#begin(nowMs);
    this.#lastMs = nowMs;
    const at = (this.#count % KEPT) * FIELDS;
    this.#count++;
    const ring = this.#ring;
    if (ring === undefined) this.#ring = [nowMs, durationMs, failed ? 1 : 0, code];
    else {
      ring[at] = nowMs;
      ring[at + 1] = durationMs;
      ring[at + 2] = failed ? 1 : 0;
      ring[at + 3] = code;
    }
    if (!isKnown) this.#bad++;
    if (failed && code >= 0) this.#addCode(code);
  }

  /** What was seen. */
  evidence(): Evidence {
    const calls: BadCall[] = [];
    for (let at = Math.max(0, this.#count - KEPT); at < this.#count; at++) calls.push(this.#call(at % KEPT));
    const codes = Object.fromEntries(this.#codes ?? []);
    return { spanMs: this.#lastMs - this.#firstMs, bad: this.#bad, codes, calls };
  }

  #begin(nowMs: number): void {
    this.#count = 0;
    this.#bad = 0;
    this.#codes = undefined;
    this.#firstMs = nowMs;
  }

  #addCode(code: number): void {
    this.#codes ??= new Map();
    this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
  }

  #call(place: number): BadCall {
    const [atMs = 0, durationMs = 0, failed, code = -1] = (this.#ring ?? []).slice(place * FIELDS, (place + 1) * FIELDS);
    return { atMs, durationMs, failed: failed === 1, code };
  }
}
