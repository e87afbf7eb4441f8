import { silence } from './core/silence.ts';
import type { WarningHandler } from './policy/ports.ts';

/** Says on the process's warnings what was kept away from a call. */
export const warn: WarningHandler = (message, error) => {
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.emitWarning(message, { type: 'GrpcBreakerWarning', detail: cause });
};

/** A handler that never throws, whatever the given one does. */
export function safely(handler: WarningHandler): WarningHandler {
  return (message, error) => {
    const onBroken = (broken: unknown) => warn('the onWarning handler itself failed', broken);
    try {
      silence(handler(message, error), onBroken);
    } catch (broken) {
      onBroken(broken);
    }
  };
}
