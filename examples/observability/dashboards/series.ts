/** The package's prefix, as OpenTelemetry's Prometheus exporter writes it: dots become underscores, counters end in `_total`, units are left out. */
const P = 'grpc_breaker_circuit_breaker_';

/** The metrics of docs/telemetry.md by their names in Prometheus. */
export const SERIES = {
  status: `${P}status`,
  calls: `${P}calls_total`,
  rejections: `${P}rejections_total`,
  fallbacks: `${P}fallbacks_total`,
  fallbackSkips: `${P}fallback_skips_total`,
  ignored: `${P}ignored_total`,
  inFlight: `${P}in_flight`,
  transitions: `${P}transitions_total`,
  openDuration: `${P}open_duration`,
  latency: `${P}latency`,
  latencyLimit: `${P}latency_limit`,
  baselineErrorRate: `${P}baseline_error_rate`,
  baselineLatency: `${P}baseline_latency`,
  signalErrors: `${P}signal_errors_total`,
  signalFiring: `${P}signal_firing`,
  override: `${P}override`,
  shadowStatus: `${P}shadow_status`,
  shadowTransitions: `${P}shadow_transitions_total`,
  shadowRejections: `${P}shadow_rejections_total`,
  shadowFallbacks: `${P}shadow_fallbacks_total`,
  policyReloads: `${P}policy_reloads_total`,
  policyUpToDate: `${P}policy_up_to_date`,
} as const;

/** Their attributes by the names of the labels. */
export const LABELS = {
  name: `${P}name`,
  state: `${P}state`,
  previousState: `${P}previous_state`,
  reason: `${P}reason`,
  outcome: `${P}outcome`,
  source: `${P}fallback_source`,
  cause: `${P}cause`,
  quantile: `${P}quantile`,
  signal: `${P}signal`,
  override: `${P}override`,
  policyResult: `${P}policy_result`,
} as const;

/** A series with matchers, such as `state="open"`; empty ones are left out. */
export function select(series: string, ...matchers: readonly string[]): string {
  return `${series}{${matchers.filter((matcher) => matcher !== '').join(', ')}}`;
}

/** A matcher for one value of a label. */
export function is(label: keyof typeof LABELS, value: string): string {
  return `${LABELS[label]}="${value}"`;
}

/**
 * The state as a number: 2 open, 1 half open, 0 closed; of several processes the worst. A breaker that is in no state any more, because it was evicted
 * or disposed of, has none.
 * @param by - one series for each combination of these labels
 * @param matchers - which breakers
 */
export function stateNumber(by: readonly string[], ...matchers: readonly string[]): string {
  return numberOf(SERIES.status, by, matchers);
}

/** The same of the states that enforcement would have breakers in that observe. */
export function shadowStateNumber(by: readonly string[], ...matchers: readonly string[]): string {
  return numberOf(SERIES.shadowStatus, by, matchers);
}

function numberOf(series: string, by: readonly string[], matchers: readonly string[]): string {
  const status = (...more: readonly string[]): string => select(series, ...matchers, ...more);
  const group = `max by (${by.join(', ')})`;
  return `${group} (2 * ${status(is('state', 'open'))} or ${status(is('state', 'half_open'))}) and ${group} (${status()}) > 0`;
}
