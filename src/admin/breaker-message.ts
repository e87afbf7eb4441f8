import type { BreakerSnapshot } from '../core/snapshot.ts';
import type { ConditionSnapshot } from '../core/trip/condition.ts';
import type { BreakerInfo } from '../policy/breaker-info.ts';
import { MODES, overrideNumber, STATES } from './enums.ts';
import { told } from './plain-text.ts';
import { protoTime } from './protobuf-time.ts';
import { verdictMessage } from './verdict-message.ts';

/** What the values of a condition are. */
const UNITS: Readonly<Record<ConditionSnapshot['condition'], string>> = {
  consecutiveFailures: 'failures',
  failureRate: 'share',
  slowCallRate: 'share',
  latencySlo: 'ms',
  adaptive: 'nats',
};

/** A breaker as the message of that name. */
export function breakerMessage({ snapshot, target, method, policy, fallbacks, ignored, traceId }: BreakerInfo): object {
  const { name, state, mode, counts, conditions } = snapshot;
  return {
    name,
    target,
    method,
    policy,
    state: STATES[state],
    in_state: protoTime(snapshot.inStateMs),
    mode: MODES[mode],
    mode_override: modeOverrideMessage(snapshot),
    override: overrideMessage(snapshot),
    verdict: verdictMessage(snapshot.verdict),
    trial_due: snapshot.trialDue,
    next_trial_in: state === 'closed' ? undefined : protoTime(snapshot.retryInMs),
    admitted_share: snapshot.admittedShare,
    in_flight: snapshot.inFlight,
    calls: {
      success: counts.success,
      failure: counts.failure,
      ignored: counts.ignored,
      rejected: counted(counts.rejected),
      would_reject: counted(counts.wouldReject),
    },
    conditions: conditions.map(conditionMessage),
    latency: latencyMessage(conditions),
    baseline: baselineMessage(conditions),
    fallbacks,
    ignored,
    trace_id: traceId ?? '',
  };
}

function overrideMessage({ override, overrideReason, overrideEndsInMs }: BreakerSnapshot): object | undefined {
  if (override === null) return undefined;
  return { kind: overrideNumber(override), reason: told(overrideReason ?? ''), ends_in: protoTime(overrideEndsInMs) };
}

function modeOverrideMessage({ chosenMode }: BreakerSnapshot): object | undefined {
  if (chosenMode === null) return undefined;
  return { mode: MODES[chosenMode.mode], reason: told(chosenMode.reason), ends_in: protoTime(chosenMode.endsInMs) };
}

function conditionMessage({ condition, value, threshold, calls, slowerThanMs }: ConditionSnapshot): object {
  return { name: condition, value, threshold, unit: UNITS[condition], calls, slower_than: protoTime(slowerThanMs) };
}

function latencyMessage(conditions: readonly ConditionSnapshot[]): object | undefined {
  const found = conditions.find(({ latency }) => latency !== undefined);
  if (found?.latency === undefined) return undefined;
  const { p50Ms, p99Ms, limitedMs } = found.latency;
  return { p50: protoTime(p50Ms), p99: protoTime(p99Ms), limited: protoTime(limitedMs), limit: protoTime(found.threshold) };
}

function baselineMessage(conditions: readonly ConditionSnapshot[]): object | undefined {
  const found = conditions.find(({ baseline }) => baseline !== undefined)?.baseline;
  if (found === undefined) return undefined;
  const { calls, errorRate, slowRate, latencyMs } = found;
  return { calls, error_rate: errorRate, slow_rate: slowRate, latency: protoTime(latencyMs) };
}

/** Most breakers refuse nothing: what is none is left out. */
function counted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
