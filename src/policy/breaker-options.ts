import { z } from 'zod';
import { DEFAULTS } from '../core/defaults.ts';
import { ConfigError } from '../core/errors.ts';
import type {
  AdaptiveConfig,
  BreakerConfig,
  FailureRateConfig,
  LatencySloConfig,
  ShedConfig,
  WindowConfig,
} from '../core/options.ts';
import type { Mode } from '../core/state.ts';
import { checkAgainst } from './problems.ts';
import { ownConditions, type ParsedTrip, refuseSignals, signalShape } from './signal-options.ts';
import { type Duration, durationSchema, openShareSchema, positiveShareSchema, type Share, shareSchema } from './units.ts';

/** The results that a rate is taken over: the last so many calls, or a duration in slices that expire one by one. */
export type WindowOptions = Duration | { calls: number } | { duration: Duration; slices?: number };

/** Trips when the share of failed calls in a window is at or over a threshold. */
export interface FailureRateOptions {
  /** The share that trips. @default '50%' */
  threshold?: Share;
  /** The results it is taken over. @default '10s' in 10 slices */
  window?: WindowOptions;
  /** Results needed in the window before it is judged. @default 20, or all of a window of fewer calls */
  minCalls?: number;
}

/** Trips when the share of slow calls in a window, failed ones included, is at or over a threshold. */
export interface SlowCallRateOptions extends FailureRateOptions {
  /** A call that took longer is slow. */
  slowerThan: Duration;
}

/** Trips when a latency percentile in a window is over its limit, and chance cannot explain it. */
export interface LatencySloOptions {
  /** Which percentile: `99%` or 0.99. @default '99%' */
  percentile?: Share;
  /** The latency that it must not exceed. */
  limit: Duration;
  /** The results it is taken over. @default '10s' in 10 slices */
  window?: WindowOptions;
  /** Results needed in the window before it is judged. @default 20, or all of a window of fewer calls */
  minCalls?: number;
  /**
   * With this probability a dependency whose percentile is exactly the limit is never tripped, however long it is watched and however often it
   * is looked at. @default 0.999
   */
  confidence?: Share;
}

/** Trips when there are more errors, or more slow calls, than usual: change detection against a learned baseline. */
export interface AdaptiveOptions {
  /** At least so many calls between two false trips of a healthy dependency, on average. @default 10000000 */
  falseTripEvery?: number;
  /** The share of failed calls that must be caught. @default '20%' */
  unhealthy?: Share;
  /** A call that takes this many times the usual latency is slow. @default 3 */
  slowdown?: number;
  /** A slow call takes at least so much longer than usual. @default '1ms' */
  slowdownFloor?: Duration;
  /** A burst of trouble this short never trips. `0` for none. @default '100ms' */
  blip?: Duration | 0;
  /** Calls before what was learned is used; until then a share of failures of a tenth of `unhealthy` counts as usual. @default 1000 */
  warmUp?: number;
  /** After this time a call counts half in what is usual. @default '10m' */
  halfLife?: Duration;
  /** After so many half-open rounds in a row whose trials all succeeded, but slowly, the new latency is the usual one. @default 20 */
  adoptAfter?: number;
}

/** Refuses a share of calls instead of opening: client-side throttling of Google's SRE book. */
export interface ShedOptions {
  /** So many requests are sent for each one that the dependency accepts. @default 2 */
  k?: number;
  /** Over which time they are counted. @default '30s' in 10 slices */
  window?: Duration;
}

/** What trips a breaker: any of the conditions that are listed. */
export interface TripOptions {
  /** More errors or slow calls than usual. @default {} when no condition is listed */
  adaptive?: AdaptiveOptions;
  /** A latency percentile over its limit. */
  latencySlo?: LatencySloOptions;
  /** So many failures in a row. */
  consecutiveFailures?: number;
  /** A share of failed calls. */
  failureRate?: FailureRateOptions;
  /** A share of slow calls. */
  slowCallRate?: SlowCallRateOptions;
}

/** The options of one breaker, the same in code and in a policy document. */
export interface BreakerOptions {
  /** What trips it. @default { adaptive: {} } */
  trip?: TripOptions;
  /** How long it stays open before the first trial. @default '5s' */
  openFor?: Duration;
  /** Open periods in a row grow by `factor`, up to `max`; a breaker that closed begins anew. @default { factor: 2, max: '60s' } */
  backoff?: { factor?: number; max?: Duration };
  /** Each open period is spread by plus or minus this share. @default '20%' in a policy, 0 for `createBreaker` */
  jitter?: Share;
  /** Calls let through in half-open; it closes when all of them succeeded. @default 3 */
  trials?: number;
  /** A trial without an answer counts as failed after its call's deadline, and at the latest after this time. @default '30s' */
  lease?: Duration;
  /** After it closes, calls are let through in a growing share for this long, at most for as long as the outage was. `0` for all at once. @default '1s' in a policy, 0 for `createBreaker` */
  rampUp?: Duration | 0;
  /** A trip so soon after the last recovery goes on with its backoff. @default '10s' */
  stability?: Duration | 0;
  /** At most so many calls under way at the same time; more are refused, and are no failures. @default any number */
  maxConcurrent?: number;
  /** Refuses a share of calls instead of opening. Not together with `trip`. @default off */
  shed?: ShedOptions;
  /** `enforce`, `observe` (judge and report, refuse nothing) or `off`. @default 'enforce' */
  mode?: Mode;
}

const atLeastOne = (what: string) =>
  z.int({ error: `expected a whole number of ${what}, at least 1` }).min(1, { error: `expected at least 1 (${what})` });

const windowSchema: z.ZodType<WindowConfig> = z.union(
  [
    durationSchema.transform((durationMs) => ({ durationMs, slices: DEFAULTS.slices })),
    z.strictObject({ calls: z.int().min(1).max(1_000_000) }),
    z
      .strictObject({ duration: durationSchema, slices: z.int().min(1).max(1_000).default(DEFAULTS.slices) })
      .transform(({ duration, slices }) => ({ durationMs: duration, slices })),
  ],
  {
    error:
      'expected a duration such as "10s", { calls: 100 } (1 to 1000000), or { duration: "10s", slices: 10 } (1 to 1000 slices)',
  },
);

const rateShape = {
  window: windowSchema.default({ durationMs: DEFAULTS.windowMs, slices: DEFAULTS.slices }),
  minCalls: atLeastOne('calls').optional(),
};

/** Fills in `minCalls`, and refuses one that the window can never hold. */
function withMinCalls<T extends { window: WindowConfig; minCalls?: number | undefined }>(
  rate: T,
  context: z.RefinementCtx,
): T & { minCalls: number } {
  const capacity = 'calls' in rate.window ? rate.window.calls : Infinity;
  const minCalls = rate.minCalls ?? Math.min(DEFAULTS.minCalls, capacity);
  if (minCalls > capacity) {
    const message = `a window of ${capacity} calls never holds ${minCalls}, so this would never trip; lower minCalls or make the window larger`;
    context.addIssue({ code: 'custom', path: ['minCalls'], message, input: rate.minCalls });
  }
  return { ...rate, minCalls };
}

const failureRateSchema: z.ZodType<FailureRateConfig> = z
  .strictObject({ threshold: positiveShareSchema.default(DEFAULTS.failureRate), ...rateShape })
  .transform(withMinCalls);

const slowCallRateSchema = z
  .strictObject({
    slowerThan: durationSchema,
    threshold: positiveShareSchema.default(DEFAULTS.slowCallRate),
    ...rateShape,
  })
  .transform(withMinCalls)
  .transform(({ slowerThan, ...rate }) => ({ ...rate, slowerThanMs: slowerThan }));

const latencySloSchema: z.ZodType<LatencySloConfig> = z
  .strictObject({
    percentile: openShareSchema('percentile', '99%').default(DEFAULTS.percentile),
    limit: durationSchema,
    confidence: openShareSchema('confidence', '99.9%').default(DEFAULTS.confidence),
    ...rateShape,
  })
  .transform(withMinCalls)
  .transform(({ limit, ...rest }) => ({ ...rest, limitMs: limit }));

/** A duration, or the number 0 for none. */
const durationOrNone = z.union([z.literal(0), durationSchema], { error: 'expected a duration such as "100ms", or 0 for none' });

const atLeast = (what: string, min: number, max: number) =>
  z
    .number({ error: `expected ${what}` })
    .min(min, { error: `expected ${what}` })
    .max(max, { error: `expected ${what}` });

const adaptiveSchema: z.ZodType<AdaptiveConfig> = z
  .strictObject({
    falseTripEvery: atLeast('a number of calls from 1000 to 1e12', 1_000, 1e12).default(DEFAULTS.falseTripEvery),
    unhealthy: shareSchema
      .refine((share) => share >= 0.01, { error: 'is under 1%; expected a share from 1% to 100%, such as "20%"' })
      .default(DEFAULTS.unhealthy),
    slowdown: atLeast('a factor from 1.5 to 1000', 1.5, 1_000).default(DEFAULTS.slowdown),
    slowdownFloor: durationSchema.default(DEFAULTS.slowdownFloorMs),
    blip: durationOrNone.default(DEFAULTS.blipMs),
    warmUp: z
      .int({ error: 'expected a whole number of calls from 100 to 1000000' })
      .min(100, { error: 'expected at least 100 calls' })
      .max(1_000_000, { error: 'expected at most 1000000 calls' })
      .default(DEFAULTS.warmUp),
    halfLife: durationSchema.default(DEFAULTS.halfLifeMs),
    adoptAfter: atLeastOne('rounds').max(1_000, { error: 'expected at most 1000 rounds' }).default(DEFAULTS.adoptAfter),
  })
  .transform(({ slowdownFloor, blip, halfLife, ...rest }) => ({
    ...rest,
    slowdownFloorMs: slowdownFloor,
    blipMs: blip,
    halfLifeMs: halfLife,
  }));

const shedSchema: z.ZodType<ShedConfig> = z
  .strictObject({
    k: atLeast('a number from 1 to 100', 1, 100).default(DEFAULTS.shedK),
    window: durationSchema.default(DEFAULTS.shedWindowMs),
  })
  .transform(({ k, window }) => ({ k, window: { durationMs: window, slices: DEFAULTS.slices } }));

const tripSchema: z.ZodType<ParsedTrip> = z
  .strictObject({
    adaptive: adaptiveSchema,
    latencySlo: latencySloSchema,
    consecutiveFailures: atLeastOne('failures').transform((threshold) => ({ threshold })),
    failureRate: failureRateSchema,
    slowCallRate: slowCallRateSchema,
    ...signalShape,
  })
  .partial()
  .refine((trip) => Object.values(trip).some((condition) => condition !== undefined), {
    error:
      'lists no condition; list at least one of adaptive, latencySlo, consecutiveFailures, failureRate, slowCallRate, signal, prometheus, or leave trip out',
    // A misspelled condition is told as such.
    when: ({ issues }) => issues.length === 0,
  })
  .transform((trip) => trip as ParsedTrip);

/** The types of {@link breakerShape}. */
export interface BreakerShape {
  readonly trip: z.ZodOptional<z.ZodType<ParsedTrip>>;
  readonly openFor: z.ZodOptional<z.ZodType<number>>;
  readonly backoff: z.ZodOptional<z.ZodType<{ factor?: number | undefined; max?: number | undefined }>>;
  readonly jitter: z.ZodOptional<z.ZodType<number>>;
  readonly trials: z.ZodOptional<z.ZodType<number>>;
  readonly lease: z.ZodOptional<z.ZodType<number>>;
  readonly rampUp: z.ZodOptional<z.ZodType<number>>;
  readonly stability: z.ZodOptional<z.ZodType<number>>;
  readonly maxConcurrent: z.ZodOptional<z.ZodType<number>>;
  readonly shed: z.ZodOptional<z.ZodType<ShedConfig>>;
  readonly mode: z.ZodOptional<z.ZodType<Mode>>;
}

/** The options of a breaker as schema fields, for schemas that have more. */
export const breakerShape: BreakerShape = {
  trip: tripSchema.optional(),
  openFor: durationSchema.optional(),
  backoff: z
    .strictObject({
      factor: z
        .number({ error: 'expected a number of at least 1' })
        .min(1, { error: 'expected a number of at least 1' })
        .optional(),
      max: durationSchema.optional(),
    })
    .optional(),
  jitter: shareSchema.optional(),
  trials: atLeastOne('trials').max(1_000, { error: 'expected at most 1000 trials' }).optional(),
  lease: durationSchema.optional(),
  rampUp: durationOrNone.optional(),
  stability: durationOrNone.optional(),
  maxConcurrent: atLeastOne('calls').optional(),
  shed: shedSchema.optional(),
  mode: z.enum(['enforce', 'observe', 'off'], { error: 'expected enforce, observe or off' }).optional(),
};

/** Options that passed {@link breakerShape}. */
export type ParsedBreakerOptions = { readonly [Key in keyof BreakerShape]?: z.output<BreakerShape[Key]> };

/** Refuses options that contradict each other. */
export function checkBreakerOptions(options: ParsedBreakerOptions, context: z.RefinementCtx): void {
  const openForMs = options.openFor ?? DEFAULTS.openForMs;
  const maxMs = options.backoff?.max;
  if (maxMs !== undefined && maxMs < openForMs) {
    const message = `is ${maxMs} ms, shorter than openFor (${openForMs} ms); expected at least as long`;
    context.addIssue({ code: 'custom', path: ['backoff', 'max'], message, input: maxMs });
  }
  if (options.shed !== undefined && options.trip !== undefined) {
    const message = 'stands beside trip; a breaker sheds a share of calls, or it opens: remove one of them';
    context.addIssue({ code: 'custom', path: ['shed'], message, input: options.shed });
  }
}

/** What trips a breaker that names no condition: one object, so that breakers share the thresholds that are worked out for it. */
const DEFAULT_TRIP: ParsedTrip = tripSchema.parse({ adaptive: {} });

/** A breaker's configuration from its parsed options, with the defaults filled in. */
export function toBreakerConfig(options: ParsedBreakerOptions, own: { jitter: number; rampUpMs: number }): BreakerConfig {
  const openForMs = options.openFor ?? DEFAULTS.openForMs;
  return {
    trip: ownConditions(options.trip ?? (options.shed === undefined ? DEFAULT_TRIP : {})),
    openForMs,
    backoffFactor: options.backoff?.factor ?? DEFAULTS.backoffFactor,
    backoffMaxMs: options.backoff?.max ?? Math.max(openForMs, DEFAULTS.backoffMaxMs),
    jitter: options.jitter ?? own.jitter,
    rampUpMs: options.rampUp ?? own.rampUpMs,
    stabilityMs: options.stability ?? DEFAULTS.stabilityMs,
    maxConcurrent: options.maxConcurrent ?? Infinity,
    shed: options.shed,
    trials: options.trials ?? DEFAULTS.trials,
    leaseMs: options.lease ?? DEFAULTS.leaseMs,
    mode: options.mode ?? DEFAULTS.mode,
  };
}

const bareSchema = z
  .strictObject({ name: z.string({ error: 'expected a name' }).min(1, { error: 'expected a name' }).optional(), ...breakerShape })
  .superRefine(checkBreakerOptions)
  .superRefine(refuseSignals);

/**
 * The configuration of a breaker that is used alone.
 * @throws ConfigError with every problem
 */
export function parseBareBreaker(options: unknown): { name: string; config: BreakerConfig } {
  const checked = checkAgainst(bareSchema, options);
  if ('problems' in checked) throw new ConfigError('breaker options', checked.problems);
  const parsed = checked.value;
  return { name: parsed.name ?? 'breaker', config: toBreakerConfig(parsed, { jitter: 0, rampUpMs: 0 }) };
}
