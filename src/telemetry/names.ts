/** Names of spans. */
export const SPANS = {
  transition: 'grpc_breaker.circuit_breaker.transition',
  open: 'grpc_breaker.circuit_breaker.open',
} as const;

/** Names of metrics. */
export const METRICS = {
  status: 'grpc_breaker.circuit_breaker.status',
  calls: 'grpc_breaker.circuit_breaker.calls',
  rejections: 'grpc_breaker.circuit_breaker.rejections',
  fallbacks: 'grpc_breaker.circuit_breaker.fallbacks',
  inFlight: 'grpc_breaker.circuit_breaker.in_flight',
  transitions: 'grpc_breaker.circuit_breaker.transitions',
  openDuration: 'grpc_breaker.circuit_breaker.open.duration',
} as const;

/** The log event of a state change. */
export const STATE_CHANGE = 'grpc_breaker.circuit_breaker.state_change';

/** Names of attributes, the same on spans, metrics and log events. Durations are in seconds, shares 0..1. */
export const ATTRIBUTES = {
  name: 'grpc_breaker.circuit_breaker.name',
  state: 'grpc_breaker.circuit_breaker.state',
  previousState: 'grpc_breaker.circuit_breaker.previous_state',
  reason: 'grpc_breaker.circuit_breaker.reason',
  mode: 'grpc_breaker.circuit_breaker.mode',
  outcome: 'grpc_breaker.circuit_breaker.outcome',
  rejected: 'grpc_breaker.circuit_breaker.rejected',
  rejectedCount: 'grpc_breaker.circuit_breaker.rejected.count',
  wouldRejectCount: 'grpc_breaker.circuit_breaker.would_reject.count',
  fallbackSource: 'grpc_breaker.circuit_breaker.fallback.source',
  fallbackCount: 'grpc_breaker.circuit_breaker.fallback.count',
  plannedDuration: 'grpc_breaker.circuit_breaker.open.planned_duration',
  rpcSystem: 'rpc.system.name',
  rpcMethod: 'rpc.method',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  errorType: 'error.type',
} as const;

/** Names of the attributes that hold a verdict's numbers. */
export const VERDICT_ATTRIBUTES = {
  failures: 'grpc_breaker.circuit_breaker.verdict.failures',
  slow: 'grpc_breaker.circuit_breaker.verdict.slow',
  calls: 'grpc_breaker.circuit_breaker.verdict.calls',
  rate: 'grpc_breaker.circuit_breaker.verdict.rate',
  threshold: 'grpc_breaker.circuit_breaker.verdict.threshold',
  slowerThan: 'grpc_breaker.circuit_breaker.verdict.slower_than',
  windowCalls: 'grpc_breaker.circuit_breaker.verdict.window.calls',
  windowDuration: 'grpc_breaker.circuit_breaker.verdict.window.duration',
  duration: 'grpc_breaker.circuit_breaker.verdict.duration',
  lease: 'grpc_breaker.circuit_breaker.verdict.lease',
  openDuration: 'grpc_breaker.circuit_breaker.verdict.open_duration',
  trials: 'grpc_breaker.circuit_breaker.verdict.trials',
  message: 'grpc_breaker.circuit_breaker.verdict.message',
} as const;

/** A state, reason or the like as telemetry writes it: `halfOpen` is `half_open`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
