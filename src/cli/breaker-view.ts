import type { Mode, Override, State } from '../core/state.ts';
import type { WireBreaker, WireDuration, WireVerdict } from './admin-messages.ts';

/** Why a breaker changed its state. This is what `--json` prints. */
export interface VerdictView {
  readonly reason: string;
  readonly text: string;
  readonly numbers: Readonly<Record<string, number>>;
  readonly signal: string | null;
  readonly message: string | null;
  readonly evidence: {
    readonly spanMs: number | null;
    readonly bad: number;
    readonly codes: Readonly<Record<string, number>>;
    readonly calls: readonly { readonly durationMs: number | null; readonly failed: boolean; readonly code: string | null }[];
  } | null;
}

/** A breaker as every command knows it, and as `--json` prints it. Fields are only added. */
export interface BreakerView {
  readonly name: string;
  readonly target: string;
  readonly method: string;
  /** Its place in the policy document, such as `methods[0]`. */
  readonly policy: string;
  readonly state: State;
  readonly inStateMs: number;
  readonly mode: Mode;
  /** A person's choice of mode; `endsInMs` null for one without an end. */
  readonly modeOverride: { readonly mode: Mode; readonly reason: string; readonly endsInMs: number | null } | null;
  /** A person's override; `endsInMs` null for one without an end. */
  readonly override: { readonly kind: Override; readonly reason: string; readonly endsInMs: number | null } | null;
  readonly verdict: VerdictView | null;
  /** Its open period is over: the next call is a trial. */
  readonly trialDue: boolean;
  /** null while calls pass, and where it is forced open without an end. */
  readonly nextTrialInMs: number | null;
  /** 0 to 1. */
  readonly admittedShare: number;
  readonly inFlight: number;
  readonly calls: {
    readonly success: number;
    readonly failure: number;
    readonly ignored: number;
    readonly rejected: Readonly<Record<string, number>>;
    readonly wouldReject: Readonly<Record<string, number>>;
  };
  readonly conditions: readonly {
    readonly name: string;
    readonly value: number;
    readonly threshold: number;
    readonly unit: string;
    readonly calls: number;
    readonly slowerThanMs: number | null;
  }[];
  readonly latency: Readonly<Record<'p50Ms' | 'p99Ms' | 'limitedMs' | 'limitMs', number | null>> | null;
  readonly baseline: {
    readonly calls: number;
    readonly errorRate: number;
    readonly slowRate: number;
    readonly latencyMs: number | null;
  } | null;
  readonly fallbacks: Readonly<Record<string, number>>;
  readonly ignored: Readonly<Record<string, number>>;
  /** 32 hexadecimal digits; null without an outage. */
  readonly traceId: string | null;
}

const STATES: Readonly<Record<string, State>> = { STATE_OPEN: 'open', STATE_HALF_OPEN: 'halfOpen' };
const MODES: Readonly<Record<string, Mode>> = { MODE_OBSERVE: 'observe', MODE_OFF: 'off' };

/** Milliseconds of a duration, null where it is absent. */
function msOf(duration: WireDuration | null | undefined): number | null {
  if (duration === null || duration === undefined) return null;
  return duration.seconds * 1000 + Math.round(duration.nanos / 1000) / 1000;
}

/** A state as policies and metrics call it. */
export function stateOf(state: string): State {
  return STATES[state] ?? 'closed';
}

/** A mode as policies call it. */
export function modeOf(mode: string): Mode {
  return MODES[mode] ?? 'enforce';
}

/** An override as the package calls it; null for none. */
export function overrideOf(kind: string): Override | null {
  if (kind === 'OVERRIDE_KIND_FORCED_OPEN') return 'forcedOpen';
  return kind === 'OVERRIDE_KIND_FORCED_CLOSED' ? 'forcedClosed' : null;
}

/** A breaker as the admin service tells it. */
export function breakerView(wire: WireBreaker): BreakerView {
  const { override, modeOverride, latency, baseline } = wire;
  const kind = overrideOf(override?.kind ?? '');
  return {
    name: wire.name,
    target: wire.target,
    method: wire.method,
    policy: wire.policy,
    state: stateOf(wire.state),
    inStateMs: msOf(wire.inState) ?? 0,
    mode: modeOf(wire.mode),
    modeOverride: modeOverride && {
      mode: modeOf(modeOverride.mode),
      reason: modeOverride.reason,
      endsInMs: msOf(modeOverride.endsIn),
    },
    override: kind && override && { kind, reason: override.reason, endsInMs: msOf(override.endsIn) },
    verdict: wire.verdict && verdictView(wire.verdict),
    trialDue: wire.trialDue,
    nextTrialInMs: msOf(wire.nextTrialIn),
    admittedShare: wire.admittedShare,
    inFlight: wire.inFlight,
    calls: {
      success: wire.calls?.success ?? 0,
      failure: wire.calls?.failure ?? 0,
      ignored: wire.calls?.ignored ?? 0,
      rejected: wire.calls?.rejected ?? {},
      wouldReject: wire.calls?.wouldReject ?? {},
    },
    conditions: wire.conditions.map(({ slowerThan, ...condition }) => ({ ...condition, slowerThanMs: msOf(slowerThan) })),
    latency: latency && {
      p50Ms: msOf(latency.p50),
      p99Ms: msOf(latency.p99),
      limitedMs: msOf(latency.limited),
      limitMs: msOf(latency.limit),
    },
    baseline: baseline && {
      calls: baseline.calls,
      errorRate: baseline.errorRate,
      slowRate: baseline.slowRate,
      latencyMs: msOf(baseline.latency),
    },
    fallbacks: wire.fallbacks,
    ignored: wire.ignored,
    traceId: wire.traceId === '' ? null : wire.traceId,
  };
}

function verdictView({ reason, text, numbers, evidence, signal, message }: WireVerdict): VerdictView {
  return {
    reason,
    text,
    numbers,
    signal: signal === '' ? null : signal,
    message: message === '' ? null : message,
    evidence: evidence && {
      spanMs: msOf(evidence.span),
      bad: evidence.bad,
      codes: evidence.codes,
      calls: evidence.calls.map(({ duration, failed, code }) => ({
        durationMs: msOf(duration),
        failed,
        code: code === '' ? null : code,
      })),
    },
  };
}
