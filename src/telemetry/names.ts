/** What all names of the package begin with. */
const P = 'grpc_breaker.circuit_breaker.';

/** Names of spans. */
export const SPANS = { transition: `${P}transition`, open: `${P}open` } as const;

/** Names of metrics. */
export const METRICS = {
  status: `${P}status`,
  calls: `${P}calls`,
  rejections: `${P}rejections`,
  fallbacks: `${P}fallbacks`,
  inFlight: `${P}in_flight`,
  transitions: `${P}transitions`,
  openDuration: `${P}open.duration`,
} as const;

/** The log event of a state change. */
export const STATE_CHANGE = `${P}state_change`;

/** Names of attributes, the same on spans, metrics and log events. Durations are in seconds, shares 0..1. */
export const ATTRIBUTES = {
  name: `${P}name`,
  state: `${P}state`,
  previousState: `${P}previous_state`,
  reason: `${P}reason`,
  mode: `${P}mode`,
  outcome: `${P}outcome`,
  rejected: `${P}rejected`,
  rejectedCount: `${P}rejected.count`,
  wouldRejectCount: `${P}would_reject.count`,
  fallbackSource: `${P}fallback.source`,
  fallbackCount: `${P}fallback.count`,
  plannedDuration: `${P}open.planned_duration`,
  rpcSystem: 'rpc.system.name',
  rpcMethod: 'rpc.method',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  errorType: 'error.type',
} as const;

/** Names of the attributes that hold a verdict's numbers. */
export const VERDICT_ATTRIBUTES = {
  failures: `${P}verdict.failures`,
  slow: `${P}verdict.slow`,
  calls: `${P}verdict.calls`,
  rate: `${P}verdict.rate`,
  threshold: `${P}verdict.threshold`,
  slowerThan: `${P}verdict.slower_than`,
  windowCalls: `${P}verdict.window.calls`,
  windowDuration: `${P}verdict.window.duration`,
  duration: `${P}verdict.duration`,
  lease: `${P}verdict.lease`,
  openDuration: `${P}verdict.open_duration`,
  trials: `${P}verdict.trials`,
  message: `${P}verdict.message`,
} as const;

/** A state, reason or the like as telemetry writes it: `halfOpen` is `half_open`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
