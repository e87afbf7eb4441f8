// The main entry of grpc-breaker.

// What users call.

export type { Breakers, BreakersEvent, BreakersListener, BreakersOptions } from './breakers.ts';
export { ConfigError, type ConfigProblem, isConfigError } from './core/errors.ts';
export { type BareBreakerDependencies, type BareBreakerOptions, createBreaker } from './create-breaker.ts';
export { createBreakers } from './create-breakers.ts';
export { isRejection, type RejectionInfo, rejectionOf } from './grpc/rejection.ts';
export type { BreakerInfo } from './policy/breaker-info.ts';
export { type FallbackInfo, fallbackOf } from './policy/fallback-info.ts';
export { type LoadOptions, loadPolicy } from './policy/load-policy.ts';
export { type OpenInferenceOptions, presets } from './policy/open-inference.ts';
export { type WatchPolicyOptions, watchPolicy } from './policy/watch-policy.ts';
export { registered } from './registered-breakers.ts';
export { alwaysSampleBreakers, type SamplerLike } from './telemetry/always-sample.ts';

// What policies are written in.

export type { BreakerOptions, ShedOptions } from './policy/breaker-options.ts';
export type { CallRecorder, RecordedCall, RecorderContext } from './policy/call-recorder.ts';
export type { DocumentClient, DocumentTls } from './policy/document-client.ts';
export type { Environment } from './policy/environment.ts';
export type { FailureWhen } from './policy/failure-when.ts';
export type { FallbackCallOptions, FallbackClient, RequestMapper, ResponseMapper } from './policy/fallback-call-options.ts';
export type { FallbackCause, FallbackWhen } from './policy/fallback-cause.ts';
export type { FallbackContext, FallbackFunction } from './policy/fallback-context.ts';
export type { FallbackErrorOptions } from './policy/fallback-error-options.ts';
export { type FallbackAnswerOf, fallbackFor, type TypedMethod } from './policy/fallback-for.ts';
export type { FallbackOptions, FallbackSourceOptions } from './policy/fallback-options.ts';
export type { KeyCall, KeyFunction, KeyPart } from './policy/key-spec.ts';
export type { LastGoodKeyFunction, LastGoodOptions } from './policy/last-good-options.ts';
export type { MethodDefinition, ServiceSource } from './policy/method-definitions.ts';
export type {
  Classify,
  EndedStatus,
  MethodName,
  MethodPolicyOptions,
  OpenInferenceEntry,
  Policy,
  PolicyTripOptions,
  PresetOptions,
} from './policy/policy.ts';
export type { PolicyChange, PolicyEvent } from './policy/policy-event.ts';
export type { WarningHandler } from './policy/ports.ts';
export type { NamedFunctions } from './policy/registered.ts';
export type { ShadowEvent, ShadowFallbackEvent, ShadowRejectionEvent } from './policy/shadow-event.ts';
export type {
  PrometheusConfig,
  PrometheusSource,
  Signal,
  SignalEvent,
  SignalListener,
  SignalReading,
  SignalStatus,
} from './policy/signal.ts';
export type { PrometheusOptions, SignalTripOptions } from './policy/signal-options.ts';
export type { StatusName } from './policy/status-codes.ts';
export type { StreamOptions } from './policy/stream-options.ts';
export type {
  AdaptiveOptions,
  FailureRateOptions,
  LatencySloOptions,
  SlowCallRateOptions,
  TripOptions,
  WindowOptions,
} from './policy/trip-options.ts';
export type { Duration, Share, Size } from './policy/units.ts';
export type { WatchedPolicy, WatchedPolicyListener } from './policy/watched-policy.ts';
export type { TelemetryOptions } from './telemetry/telemetry.ts';

// What a breaker is, says and takes.

export type { Breaker } from './core/breaker.ts';
export type { Clock } from './core/clock.ts';
export type { OverrideOptions } from './core/dependencies.ts';
export { describeVerdict } from './core/describe-verdict.ts';
export type { BreakerEvent, BreakerListener, ModeEvent, OverrideEvent, TransitionEvent } from './core/events.ts';
export type { CountWindowConfig, TimeWindowConfig, WindowConfig } from './core/options.ts';
export type { Outcome } from './core/outcome.ts';
export { NO_PERMIT, type Permit, type PermitSlot } from './core/permit.ts';
export type { BreakerSnapshot, CallCounts, ChosenMode, Rejection } from './core/snapshot.ts';
export type { Mode, Override, RejectionReason, State } from './core/state.ts';
export type { ConditionSnapshot } from './core/trip/condition.ts';
export type { BaselineSnapshot, LatencySnapshot } from './core/trip/learned.ts';
export type {
  AdaptiveVerdict,
  BadCall,
  BaselineAdoptedVerdict,
  ConditionVerdict,
  ConsecutiveFailuresVerdict,
  Evidence,
  FailureRateVerdict,
  ForcedVerdict,
  LatencySloVerdict,
  ManualVerdict,
  OpeningVerdict,
  OpenPeriodOverVerdict,
  RampFailedVerdict,
  ResetVerdict,
  SignalVerdict,
  SlowCallRateVerdict,
  TrialExpiredVerdict,
  TrialFailedVerdict,
  TrialSlowVerdict,
  TrialsFailedVerdict,
  TrialsSucceededVerdict,
  Verdict,
  VerdictBase,
} from './core/verdict.ts';
