import { describeVerdict } from '../../core/describe-verdict.ts';
import type { Mode, Override, State } from '../../core/state.ts';
import type { ConditionSnapshot } from '../../core/trip/condition.ts';
import type { BreakerInfo } from '../../policy/breaker-info.ts';
import { told } from '../plain-text.ts';

/** How a breaker's latency stands, by the condition that looks at it. */
export type LatencyView =
  /** A percentile and its limit (`latencySlo`); null while there are no calls. */
  | { readonly kind: 'limit'; readonly ms: number | null; readonly limitMs: number }
  /** The usual latency, and from where a call is slow (`adaptive`). */
  | { readonly kind: 'usual'; readonly ms: number; readonly limitMs: number | null }
  /** The share of slow calls and the share that trips (`slowCallRate`). */
  | { readonly kind: 'slow'; readonly share: number | null; readonly limit: number; readonly slowerThanMs: number };

/** Results in the last seconds: answered, failed, of no say, refused, answered by a fallback; and over how many seconds. */
export type Recent = readonly [number, number, number, number, number, number];

/** What the list shows of a breaker. Times are wall-clock milliseconds, so that a row without news stays the same text. */
export interface Row {
  readonly id: number;
  readonly state: State;
  readonly mode: Mode;
  readonly override: Override | null;
  /** A person chose its mode. */
  readonly chosen: boolean;
  /** What a person said; else the verdict, unless it is closed; else empty. */
  readonly why: string;
  /** When what a person chose ends; null without an end, and without a person. */
  readonly endsAt: number | null;
  readonly since: number;
  /** When a call may pass again; null where none is known, 0 for now. */
  readonly nextAt: number | null;
  /** The share of calls that closed lets through. */
  readonly share: number;
  readonly inFlight: number;
  readonly recent: Recent;
  readonly latency: LatencyView | null;
  /** How near to tripping it is, 0..1, and by which condition; only conditions that have enough calls to trip count. */
  readonly near: number;
  readonly nearBy: string;
}

/** Makes the row of a breaker. @param inMs - the wall-clock time so many milliseconds from now */
export function rowOf(id: number, { snapshot }: BreakerInfo, recent: Recent, inMs: (ms: number) => number): Row {
  const { state, mode, override, chosenMode, verdict, conditions } = snapshot;
  const nearest = nearestOf(conditions);
  const endsInMs = override === null ? chosenMode?.endsInMs : snapshot.overrideEndsInMs;
  const { retryInMs } = snapshot;
  return {
    ...{ id, state, mode, override, chosen: chosenMode !== null },
    why: told(
      snapshot.overrideReason ??
        chosenMode?.reason ??
        (state === 'closed' || verdict === undefined ? '' : describeVerdict(verdict)),
    ),
    endsAt: endsInMs === undefined || endsInMs === Infinity ? null : inMs(endsInMs),
    since: inMs(-snapshot.inStateMs),
    nextAt: state === 'closed' || retryInMs === Infinity ? null : retryInMs === 0 ? 0 : inMs(retryInMs),
    share: round(snapshot.admittedShare, 2),
    inFlight: snapshot.inFlight,
    recent,
    latency: latencyOf(conditions),
    near: state === 'closed' ? round(nearest.near, 2) : 0,
    nearBy: nearest.by,
  };
}

/** How the latency stands; the strictest view comes first. */
export function latencyOf(conditions: readonly ConditionSnapshot[]): LatencyView | null {
  const by = (name: ConditionSnapshot['condition']) => conditions.find(({ condition }) => condition === name);
  const slo = by('latencySlo');
  if (slo !== undefined) return { kind: 'limit', ms: slo.calls === 0 ? null : round(slo.value, 1), limitMs: slo.threshold };
  const adaptive = by('adaptive');
  const usualMs = adaptive?.baseline?.latencyMs;
  if (adaptive !== undefined && usualMs !== undefined) {
    return { kind: 'usual', ms: round(usualMs, 1), limitMs: finite(adaptive.slowerThanMs) };
  }
  const slow = by('slowCallRate');
  if (slow === undefined) return null;
  return {
    kind: 'slow',
    share: slow.calls === 0 ? null : round(slow.value, 3),
    limit: slow.threshold,
    slowerThanMs: slow.slowerThanMs ?? 0,
  };
}

function nearestOf(conditions: readonly ConditionSnapshot[]): { near: number; by: string } {
  let nearest = { near: 0, by: '' };
  for (const { condition, value, threshold, calls } of conditions) {
    // A share of very few calls says little; failures in a row say what they say.
    if (condition !== 'consecutiveFailures' && calls < 10) continue;
    const near = threshold > 0 && Number.isFinite(value) ? Math.min(1, value / threshold) : 0;
    if (near > nearest.near) nearest = { near, by: condition };
  }
  return nearest;
}

function finite(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : round(value, 1);
}

/** A number to so many digits behind the point; what is no number is 0. */
function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Number.isFinite(value) ? Math.round(value * factor) / factor : 0;
}
