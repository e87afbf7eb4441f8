import { CallLog, type Source } from '../../examples/demo/call-log.ts';
import type { FaultWindow } from '../../examples/demo/fault-plan.ts';
import type { StateChange } from '../../examples/demo/protection.ts';
import type { Run } from '../../examples/demo/run.ts';

/** One call of a run that never was: when the bot asked, how long it waited (undefined: for ever), who answered. */
export type SampleCall = readonly [askedMs: number, tookMs: number | undefined, source: Source];

/** Puts a run together for tests. */
export function sampleRun(
  calls: readonly SampleCall[],
  { faults = [], changes = [], lengthMs = 10_000, isProtected = true }: Partial<SampleRunParts> = {},
): Run {
  const log = new CallLog(calls.length);
  for (const [askedMs, tookMs, source] of calls) {
    const call = log.ask(askedMs);
    if (tookMs !== undefined) log.answer(call, askedMs + tookMs, source, source === 'model' ? 'buy' : 'hold');
  }
  return {
    title: isProtected ? 'with the breaker' : 'without the breaker',
    protected: isProtected,
    lengthMs,
    log,
    faults,
    changes,
    now: () => lengthMs,
    longestStallMs: 0,
  };
}

interface SampleRunParts {
  readonly faults: readonly FaultWindow[];
  readonly changes: readonly StateChange[];
  readonly lengthMs: number;
  readonly isProtected: boolean;
}

/** A change of the one breaker there is. */
export function change(
  atMs: number,
  from: StateChange['from'],
  to: StateChange['to'],
  reason = 'consecutiveFailures',
): StateChange {
  return { atMs, breaker: 'b', from, to, reason };
}

/** So many healthy calls from one time on, one each 10 ms. */
export function healthy(fromMs: number, count: number): SampleCall[] {
  return Array.from({ length: count }, (_, index) => [fromMs + 10 * index, 1, 'model'] as const);
}
