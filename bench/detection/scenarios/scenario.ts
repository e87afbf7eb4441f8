/** How the server is at one moment, for one call. */
export interface Condition {
  /** The share of its calls that fail. */
  readonly errorShare: number;
  /** Latencies are so many times the usual ones. */
  readonly slowdown: number;
  /** It does not answer at all. */
  readonly hangs?: boolean;
  /** A failure comes at once, as from a closed port. */
  readonly refusesFast?: boolean;
}

/** A span of time, from (included) and to (excluded), in milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The server's limits, where a scenario has them. */
export interface Capacity {
  /** Calls a second that it serves at a time; what comes above waits. */
  perSecond(nowMs: number): number;
  /** It refuses calls that would wait longer, in milliseconds. */
  readonly longestQueueMs: number;
}

/** What happens in one run of the simulation. */
export interface Scenario {
  /** One word, for `--scenario`. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** How many clients, each with a breaker of its own, share the server. */
  readonly clients: number;
  /** Calls a second that come from all clients together, Poisson. */
  rate(nowMs: number): number;
  /** No rate is over this. */
  readonly topRate: number;
  /** How long it lasts. */
  readonly lengthMs: number;
  /** The usual latency: lognormal, its median is 5 ms. */
  readonly sigma: number;
  /** The server is sick: a breaker should trip. */
  readonly faults: readonly Span[];
  /** Trouble too short to trip for. */
  readonly blips: readonly Span[];
  /** The server answers again, but is not up to its full load yet: neither healthy nor at fault. */
  readonly recovering: readonly Span[];
  /** How the server is for a call. */
  condition(nowMs: number, index: number): Condition;
  /** All answers wait until a pause of the server is over. */
  readonly pauses?: readonly Span[];
  readonly capacity?: Capacity;
}

/** Callers wait so long for an answer. */
export const DEADLINE_MS = 250;

/** The median of healthy latencies. */
export const MEDIAN_MS = 5;

/** Slower than this many times the usual median is harmful. */
export const HARMFUL_FACTOR = 4;

/** Which of the spans holds a time; they are in order and do not overlap. -1 for none. */
export function spanAt(spans: readonly Span[], atMs: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle] as Span).toMs <= atMs) low = middle + 1;
    else high = middle;
  }
  const span = spans[low];
  return span !== undefined && span.fromMs <= atMs ? low : -1;
}
