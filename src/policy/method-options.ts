import type { Outcome } from '../core/outcome.ts';
import type { BreakerOptions } from './breaker-options.ts';
import type { FailureWhen } from './failure-when.ts';
import type { FallbackOptions } from './fallback-options.ts';
import type { KeyFunction, KeyPart } from './key-spec.ts';
import type { SignalTripOptions } from './signal-options.ts';
import type { StatusName } from './status-codes.ts';
import type { StreamOptions } from './stream-options.ts';
import type { TripOptions } from './trip-options.ts';
import type { Duration } from './units.ts';

/** Which methods a policy is for, as in gRPC's service config: a method, all of a service, or (empty) all there are. */
export interface MethodName {
  /** Full service name, such as `inference.GRPCInferenceService`. */
  service?: string;
  /** Method name, such as `ModelInfer`. Needs `service`. */
  method?: string;
}

/** The status that a call ended with, as a {@link Classify} function sees it. */
export interface EndedStatus {
  /** The gRPC status code. */
  readonly code: number;
  /** Its text. */
  readonly details: string;
}

/** Says how a call counts; undefined leaves it to `failureCodes`. `response` is the last message, undefined without one. */
export type Classify = (status: EndedStatus, response: unknown) => Outcome | undefined;

/** What trips the breakers of a policy: any of the conditions and signals that are listed. */
export interface PolicyTripOptions extends TripOptions, SignalTripOptions {}

/** The policy of some methods. */
export interface MethodPolicyOptions extends BreakerOptions {
  /**
   * Options of the policy's `presets`, by name. Own options win over those of presets, and later presets over earlier ones, option by option: nothing
   * inside an option is merged. @default none
   */
  preset?: string | readonly string[];
  /** What trips its breakers. @default { adaptive: {} } */
  trip?: PolicyTripOptions;
  /** Which methods; the most specific name over all policies wins, and policies are not merged. @default [{}], every method */
  name?: readonly MethodName[];
  /** What tells one breaker from another: parts, or code; a text is the name of a registered function. @default ['target', 'method'] */
  key?: readonly KeyPart[] | KeyFunction | string;
  /** Set on calls whose caller set none, and where the caller's is later. A call's deadline is never lengthened. @default none */
  deadline?: Duration;
  /** The status codes that count as failures, instead of the default ones. @default DEADLINE_EXCEEDED, UNAVAILABLE, INTERNAL, UNKNOWN, RESOURCE_EXHAUSTED, DATA_LOSS */
  failureCodes?: readonly StatusName[];
  /** Code that says how a call counts, before `failureCodes` is asked; a text is the name of a registered function. */
  classify?: Classify | string;
  /**
   * A response message that reports a failure under status OK: a field that is set then (`response.error_message`), code, or the name of a
   * registered function. It is asked for each message. @default none
   */
  failureWhen?: FailureWhen | string;
  /**
   * An answer that would reach its caller later than this after the call's start is not delivered: the fallback answers, or DEADLINE_EXCEEDED.
   * It shortens the deadline, too. For methods with a single response. @default none
   */
  staleAfter?: Duration;
  /** How streamed responses are watched and judged. */
  stream?: StreamOptions;
  /**
   * The status code of a refused call without a fallback. Clients that retry UNAVAILABLE by themselves would hammer an open breaker: give them
   * another. @default 'UNAVAILABLE'
   */
  rejectionStatus?: StatusName;
  /** A caller that cancels after so long, without an answer, has given up: it counts as a failure. For deadlines that are not gRPC's. @default never */
  cancelledAfter?: Duration;
  /**
   * A deadline shorter than this that is missed says nothing of the dependency. `auto`: half of the method's usual latency, as `adaptive` has
   * learned it. @default none
   */
  minBudget?: Duration | 'auto';
  /** What callers get instead of an error. @default none: UNAVAILABLE, or the call's own status */
  fallback?: FallbackOptions;
}
