import type { Condition, Scenario, Span } from './scenario.ts';

/** A server as it usually is. */
export function healthy(errorShare: number = HEALTHY_ERRORS): Condition {
  return { errorShare, slowdown: 1 };
}

/** Errors of a healthy server, where a scenario says nothing else. */
const HEALTHY_ERRORS = 0.001;

/** Spread of healthy latencies: their 99th percentile is 3.2 times their median. */
export const USUAL_SIGMA = 0.5;

/** Before a fault: the learned part has warmed up, and the windows of all are full (Polly's is 30 s). */
const WARM_UP_CALLS = 3_000;
const WARM_UP_MS = 30_000;

/** How long faults last, and what follows: longer than any open period. */
const FAULT_MS = 30_000;
export const TAIL_MS = 70_000;

/** What differs from a plain run of one client. */
export interface Setting {
  readonly name: string;
  readonly title: string;
  readonly rate?: number;
  readonly faultMs?: number;
  readonly warmUpMs?: number;
  /** 0..1: so much of 5 s the fault lasts longer, and at most twice as long. */
  readonly stretch: number;
  /** How the server is during the fault; its beginning is given, too. */
  readonly sick: Condition | ((nowMs: number, index: number, sinceMs: number) => Condition);
}

const NONE: readonly Span[] = [];

/** Most open periods are 5 s or a multiple: a fault of always the same length would favour whoever happens to be in step with it. */
const STRETCH_MS = 5_000;

/** A healthy server that becomes sick at once, stays so, and is well again. */
export function outage({ name, title, rate = 200, faultMs = FAULT_MS, warmUpMs, stretch, sick }: Setting): Scenario {
  const fromMs = warmUpMs ?? Math.max(WARM_UP_MS, (WARM_UP_CALLS / rate) * 1_000);
  const toMs = fromMs + faultMs + stretch * Math.min(faultMs, STRETCH_MS);
  const well = healthy();
  const condition = typeof sick === 'function' ? sick : () => sick;
  return {
    ...plain(name, title, rate, toMs + TAIL_MS),
    faults: [{ fromMs, toMs }],
    condition: (nowMs, index) => (nowMs >= fromMs && nowMs < toMs ? condition(nowMs, index, nowMs - fromMs) : well),
  };
}

/** One client and a healthy server. */
export function plain(name: string, title: string, rate: number, lengthMs: number, errorShare?: number): Scenario {
  const well = healthy(errorShare);
  return {
    name,
    title,
    clients: 1,
    rate: () => rate,
    topRate: rate,
    lengthMs,
    sigma: USUAL_SIGMA,
    faults: NONE,
    blips: NONE,
    recovering: NONE,
    condition: () => well,
  };
}
