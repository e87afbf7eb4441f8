import type { BreakerConfig } from '../core/options.ts';
import type { ClientConfig } from './document-client.ts';
import type { FailureWhen } from './failure-when.ts';
import type { FallbackConfig } from './fallback-options.ts';
import type { KeySpec } from './key-spec.ts';
import type { Classify, MethodName } from './method-options.ts';
import type { SignalTripConfig } from './signal-options.ts';
import type { StreamConfig } from './stream-options.ts';

/** The policy of some methods, as parsed: numbers only, defaults filled in. */
export interface MethodPolicy {
  /** Its place in the document, such as `methods[0]`. */
  readonly path: string;
  readonly names: readonly MethodName[];
  readonly key: KeySpec;
  /** Ends the names of its breakers where its keys may be those of a policy before it. */
  readonly keySuffix: string;
  /** Milliseconds, Infinity for none. */
  readonly deadlineMs: number;
  readonly failureCodes: ReadonlySet<number>;
  readonly classify: Classify | undefined;
  readonly failureWhen: FailureWhen | undefined;
  /** Names of registered functions and fields of the response in place of the two above; src/policy/registered.ts resolves them. */
  readonly named: { readonly classify: string | undefined; readonly failureWhen: string | undefined };
  /** Milliseconds, Infinity for none. */
  readonly staleAfterMs: number;
  readonly stream: StreamConfig;
  /** The status code of a refused call. */
  readonly rejectionCode: number;
  /** A caller's cancel after so many milliseconds without an answer is a failure; Infinity for never. */
  readonly cancelledAfterMs: number;
  /** Milliseconds, 0 for none, `auto` for half of the usual latency. */
  readonly minBudget: number | 'auto';
  readonly fallback: FallbackConfig | undefined;
  /** What trips it from outside. */
  readonly signals: SignalTripConfig;
  readonly breaker: BreakerConfig;
}

/** A policy as parsed. */
export interface ParsedPolicy {
  readonly protos: readonly string[];
  readonly maxBreakers: number;
  /** Clients of fallback calls that the document brings, by name. */
  readonly clients: Readonly<Record<string, ClientConfig>>;
  readonly methods: readonly MethodPolicy[];
}
