import type { ConfigProblem } from '../core/errors.ts';
import { nearestName } from './nearest-name.ts';
import type { MethodPolicy, ParsedPolicy } from './policy.ts';
import type { PrometheusConfig, PrometheusSource, Signal } from './signal.ts';

/** The signals that code registers. */
export interface SignalSources {
  /** By the name that policies call them. */
  readonly signals?: Readonly<Record<string, Signal>> | undefined;
  /** What answers `trip.prometheus`. */
  readonly prometheus?: PrometheusSource | undefined;
}

/** A signal and the policies whose breakers it trips. */
export interface SignalWatch {
  /** What it asks: two that ask the same are one. */
  readonly key: string;
  readonly name: string;
  readonly policies: Set<MethodPolicy>;
  /** The signal; code of the user's, it may throw. */
  readonly signal: () => Signal;
}

/** The signals that a policy needs, each once, and what is wrong with their names. */
export function findSignals(
  policy: ParsedPolicy,
  { signals = {}, prometheus }: SignalSources,
): { readonly watches: readonly SignalWatch[]; readonly problems: readonly ConfigProblem[] } {
  const watches = new Map<string, SignalWatch>();
  const problems: ConfigProblem[] = [];
  const watch = (key: string, name: string, method: MethodPolicy, signal: () => Signal): void => {
    const known = watches.get(key) ?? { key, name, policies: new Set(), signal };
    known.policies.add(method);
    watches.set(key, known);
  };
  for (const [name, signal] of Object.entries(signals)) {
    if (typeof (signal as Partial<Signal> | undefined)?.subscribe === 'function') continue;
    problems.push({ path: `signals.${name}`, message: 'is no signal; expected an object with a function subscribe(listener)' });
  }
  for (const method of policy.methods) {
    for (const name of method.signals.signal ?? []) {
      const signal = Object.hasOwn(signals, name) ? signals[name] : undefined;
      if (signal === undefined) problems.push({ path: `${method.path}.trip.signal`, message: unknownSignal(name, signals) });
      else watch(`signal ${name}`, name, method, () => signal);
    }
    const query = method.signals.prometheus;
    if (query === undefined) continue;
    if (prometheus === undefined) problems.push({ path: `${method.path}.trip.prometheus`, message: PROMETHEUS_MISSING });
    else watch(keyOf(query), `prometheus: ${query.query}`, method, () => prometheus.signal(query));
  }
  return { watches: [...watches.values()], problems };
}

const PROMETHEUS_MISSING =
  "has nothing that asks Prometheus; pass it in code: createBreakers(policy, { prometheus: prometheus() }), with prometheus from 'grpc-breaker/prometheus'";

function unknownSignal(name: string, signals: Readonly<Record<string, Signal>>): string {
  const known = Object.keys(signals);
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `names "${name}", which is not registered; did you mean "${nearest}"?`;
  const hint = known.length === 0 ? 'register it in code' : `registered are ${known.join(', ')}; register it in code`;
  return `names "${name}", which is not registered; ${hint}: createBreakers(policy, { signals: { ${JSON.stringify(name)}: ... } })`;
}

/** Conditions that are the same in all they say are one. */
function keyOf(config: PrometheusConfig): string {
  const { url, query, above, below, forMs, everyMs, maxAgeMs } = config;
  return JSON.stringify([url, query, above, below, forMs, everyMs, maxAgeMs]);
}
