import type { CallObserver, WarningHandler } from './ports.ts';

/** Watches nothing. */
export const NO_OBSERVER: CallObserver = {
  callStarted: () => undefined,
  callEnded: () => {},
  callSlow: () => {},
  callRejected: () => {},
  fallbackServed: () => {},
};

/** An observer whose errors reach no call; the first one is reported. */
export function guardObserver(observer: CallObserver, onWarning: WarningHandler): CallObserver {
  let hasFailed = false;
  const report = (error: unknown): void => {
    if (!hasFailed) onWarning('telemetry failed on a call and is passed over (said once)', error);
    hasFailed = true;
  };
  return {
    callStarted() {
      try {
        return observer.callStarted();
      } catch (error) {
        return report(error);
      }
    },
    callEnded(context, entry, outcome, statusCode, durationMs, isJudged) {
      try {
        observer.callEnded(context, entry, outcome, statusCode, durationMs, isJudged);
      } catch (error) {
        report(error);
      }
    },
    callSlow(context, entry, isKnown) {
      try {
        observer.callSlow(context, entry, isKnown);
      } catch (error) {
        report(error);
      }
    },
    callRejected(context, entry, reason) {
      try {
        observer.callRejected(context, entry, reason);
      } catch (error) {
        report(error);
      }
    },
    fallbackServed(context, entry, source, cause, ageMs) {
      try {
        observer.fallbackServed(context, entry, source, cause, ageMs);
      } catch (error) {
        report(error);
      }
    },
    callWouldBeRejected(context, entry, reason) {
      try {
        observer.callWouldBeRejected?.(context, entry, reason);
      } catch (error) {
        report(error);
      }
    },
    fallbackWouldServe(context, entry, source, cause) {
      try {
        observer.fallbackWouldServe?.(context, entry, source, cause);
      } catch (error) {
        report(error);
      }
    },
  };
}
