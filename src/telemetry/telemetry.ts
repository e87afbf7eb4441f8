import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { BreakerEvent } from '../core/events.ts';
import type { Outcome } from '../core/outcome.ts';
import type { RejectionReason } from '../core/state.ts';
import type { FallbackCause } from '../policy/fallback-options.ts';
import type { CallObserver, WarningHandler } from '../policy/ports.ts';
import type { BreakerEntry, BreakerRegistry } from '../policy/registry.ts';

/** OpenTelemetry providers to use instead of the globally registered ones. */
export interface TelemetryOptions {
  /** Makes the tracer. @default the global provider */
  tracerProvider?: TracerProvider;
  /** Makes the meter. @default the global provider, also where it is registered later */
  meterProvider?: MeterProvider;
}

/** Spans and metrics of breakers: hears their events, watches their calls, and reads their counts when metrics are collected. */
export class Telemetry implements CallObserver {
  constructor(_options: TelemetryOptions, _onWarning: WarningHandler) {}
  observe(_registry: BreakerRegistry): void {}
  onEvent(_event: BreakerEvent): void {}
  callStarted(): unknown {
    return undefined;
  }
  callEnded(_context: unknown, _entry: BreakerEntry, _outcome: Outcome, _statusCode: number): void {}
  callRejected(_context: unknown, _entry: BreakerEntry, _reason: RejectionReason): void {}
  fallbackServed(_context: unknown, _entry: BreakerEntry, _source: string, _cause: FallbackCause): void {}
  dispose(): void {}
}
