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
  fallbackSkips: 'grpc_breaker.circuit_breaker.fallback.skips',
  inFlight: 'grpc_breaker.circuit_breaker.in_flight',
  transitions: 'grpc_breaker.circuit_breaker.transitions',
  openDuration: 'grpc_breaker.circuit_breaker.open.duration',
  ignored: 'grpc_breaker.circuit_breaker.ignored',
  latency: 'grpc_breaker.circuit_breaker.latency',
  latencyLimit: 'grpc_breaker.circuit_breaker.latency.limit',
  baselineErrorRate: 'grpc_breaker.circuit_breaker.baseline.error_rate',
  baselineLatency: 'grpc_breaker.circuit_breaker.baseline.latency',
  signalErrors: 'grpc_breaker.circuit_breaker.signal.errors',
  signalFiring: 'grpc_breaker.circuit_breaker.signal.firing',
  override: 'grpc_breaker.circuit_breaker.override',
  shadowStatus: 'grpc_breaker.circuit_breaker.shadow.status',
  shadowTransitions: 'grpc_breaker.circuit_breaker.shadow.transitions',
  shadowRejections: 'grpc_breaker.circuit_breaker.shadow.rejections',
  shadowFallbacks: 'grpc_breaker.circuit_breaker.shadow.fallbacks',
  policyReloads: 'grpc_breaker.circuit_breaker.policy.reloads',
  policyUpToDate: 'grpc_breaker.circuit_breaker.policy.up_to_date',
} as const;

/** Names of log events. */
export const LOG_EVENTS = {
  stateChange: 'grpc_breaker.circuit_breaker.state_change',
  overrideChange: 'grpc_breaker.circuit_breaker.override_change',
  modeChange: 'grpc_breaker.circuit_breaker.mode_change',
  policyChange: 'grpc_breaker.circuit_breaker.policy_change',
} as const;

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
  wouldReject: 'grpc_breaker.circuit_breaker.would_reject',
  wouldRejectCount: 'grpc_breaker.circuit_breaker.would_reject.count',
  wouldFallbackSource: 'grpc_breaker.circuit_breaker.would_fallback.source',
  wouldFallbackReason: 'grpc_breaker.circuit_breaker.would_fallback.reason',
  wouldFallbackCount: 'grpc_breaker.circuit_breaker.would_fallback.count',
  fallbackSource: 'grpc_breaker.circuit_breaker.fallback.source',
  fallbackReason: 'grpc_breaker.circuit_breaker.fallback.reason',
  fallbackAge: 'grpc_breaker.circuit_breaker.fallback.age',
  fallbackCount: 'grpc_breaker.circuit_breaker.fallback.count',
  plannedDuration: 'grpc_breaker.circuit_breaker.open.planned_duration',
  cause: 'grpc_breaker.circuit_breaker.cause',
  quantile: 'grpc_breaker.circuit_breaker.quantile',
  signal: 'grpc_breaker.circuit_breaker.signal',
  override: 'grpc_breaker.circuit_breaker.override',
  policySource: 'grpc_breaker.circuit_breaker.policy.source',
  policyResult: 'grpc_breaker.circuit_breaker.policy.result',
  policyChanges: 'grpc_breaker.circuit_breaker.policy.changes',
  policyChangesCount: 'grpc_breaker.circuit_breaker.policy.changes.count',
  policyProblems: 'grpc_breaker.circuit_breaker.policy.problems',
  policyProblemsCount: 'grpc_breaker.circuit_breaker.policy.problems.count',
  policyKept: 'grpc_breaker.circuit_breaker.policy.breakers.kept',
  policyEnded: 'grpc_breaker.circuit_breaker.policy.breakers.ended',
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
  percentile: 'grpc_breaker.circuit_breaker.verdict.percentile',
  latency: 'grpc_breaker.circuit_breaker.verdict.latency',
  limit: 'grpc_breaker.circuit_breaker.verdict.limit',
  confidence: 'grpc_breaker.circuit_breaker.verdict.confidence',
  of: 'grpc_breaker.circuit_breaker.verdict.of',
  hits: 'grpc_breaker.circuit_breaker.verdict.hits',
  usualRate: 'grpc_breaker.circuit_breaker.verdict.usual_rate',
  unhealthyRate: 'grpc_breaker.circuit_breaker.verdict.unhealthy_rate',
  score: 'grpc_breaker.circuit_breaker.verdict.score',
  suspectedFor: 'grpc_breaker.circuit_breaker.verdict.suspected_for',
  baselineCalls: 'grpc_breaker.circuit_breaker.verdict.baseline.calls',
  baselineErrorRate: 'grpc_breaker.circuit_breaker.verdict.baseline.error_rate',
  baselineSlowRate: 'grpc_breaker.circuit_breaker.verdict.baseline.slow_rate',
  baselineLatency: 'grpc_breaker.circuit_breaker.verdict.baseline.latency',
  signal: 'grpc_breaker.circuit_breaker.verdict.signal',
  value: 'grpc_breaker.circuit_breaker.verdict.value',
  latencyBefore: 'grpc_breaker.circuit_breaker.verdict.latency_before',
  rounds: 'grpc_breaker.circuit_breaker.verdict.rounds',
  evidenceSpan: 'grpc_breaker.circuit_breaker.verdict.evidence.span',
  evidenceBad: 'grpc_breaker.circuit_breaker.verdict.evidence.bad',
  evidenceCodes: 'grpc_breaker.circuit_breaker.verdict.evidence.codes',
  evidenceCalls: 'grpc_breaker.circuit_breaker.verdict.evidence.calls',
} as const;

/** A state, reason or the like as telemetry writes it: `halfOpen` is `half_open`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
