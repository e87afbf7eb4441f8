import type { Fault } from './server/faults.ts';

/** The faults that the demo injects, by name. */
export type FaultName = 'latency' | 'hang' | 'errors' | 'crash';

/** A stretch of a run. */
export interface Phase {
  /** What ails the server meanwhile. */
  readonly fault: FaultName | 'healthy';
  /** Start, in milliseconds from the start of the run. */
  readonly startMs: number;
  readonly endMs: number;
}

/** Shares of the run. Between two faults the server is well, so that each fault meets a closed breaker. */
const PLAN: readonly (readonly [Phase['fault'], number])[] = [
  ['healthy', 0.14],
  ['latency', 0.09],
  ['healthy', 0.09],
  ['hang', 0.09],
  ['healthy', 0.09],
  ['errors', 0.09],
  ['healthy', 0.09],
  ['crash', 0.09],
  ['healthy', 0.23],
];

/** What the server is told for each fault; a crash is done to its process instead. */
export const FAULTS: Readonly<Record<Exclude<FaultName, 'crash'>, Fault>> = {
  latency: { kind: 'latency', fromMs: 60, toMs: 140 },
  hang: { kind: 'hang' },
  errors: { kind: 'errors', share: 0.9 },
};

/** Each fault in words. */
export const FAULT_TEXT: Readonly<Record<Phase['fault'], string>> = {
  healthy: 'healthy',
  latency: 'latency: answers take 60 to 140 ms',
  hang: 'hang: calls are accepted and never answered',
  errors: 'errors: 9 calls of 10 fail with INTERNAL',
  crash: 'crash: the process is killed, and started again',
};

/** The phases of a run of this length. Without faults: one healthy phase. */
export function phasesOf(seconds: number, withFaults: boolean): Phase[] {
  if (!withFaults) return [{ fault: 'healthy', startMs: 0, endMs: seconds * 1000 }];
  let startMs = 0;
  return PLAN.map(([fault, share]) => {
    const phase = { fault, startMs, endMs: startMs + share * seconds * 1000 };
    startMs = phase.endMs;
    return phase;
  });
}
