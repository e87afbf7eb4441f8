import type { WarningHandler } from '../policy/ports.ts';

/** Runs a part of telemetry. What it throws is reported once for that part, and stops nothing else. */
export type Attempt = (part: string, run: () => void) => void;

/** Makes an {@link Attempt} that reports to the handler. */
export function createAttempt(onWarning: WarningHandler): Attempt {
  const reported = new Set<string>();
  return (part, run) => {
    try {
      run();
    } catch (error) {
      if (!reported.has(part)) onWarning(`telemetry: ${part} failed (said once)`, error);
      reported.add(part);
    }
  };
}
