import { z } from 'zod';
import { DEFAULTS } from '../core/defaults.ts';
import { ConfigError } from '../core/errors.ts';
import type { BreakerConfig, FailureRateConfig, TripConfig, WindowConfig } from '../core/options.ts';
import type { Mode } from '../core/state.ts';
import { checkAgainst } from './problems.ts';
import { type Duration, durationSchema, positiveShareSchema, type Share, shareSchema } from './units.ts';

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

/** What trips a breaker: any of the conditions that are listed. */
export interface TripOptions {
  /** So many failures in a row. @default 5 when no condition is listed */
  consecutiveFailures?: number;
  /** A share of failed calls. */
  failureRate?: FailureRateOptions;
  /** A share of slow calls. */
  slowCallRate?: SlowCallRateOptions;
}

/** The options of one breaker, the same in code and in a policy document. */
export interface BreakerOptions {
  /** What trips it. @default { consecutiveFailures: 5 } */
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

const tripSchema: z.ZodType<TripConfig> = z
  .strictObject({
    consecutiveFailures: atLeastOne('failures').transform((threshold) => ({ threshold })),
    failureRate: failureRateSchema,
    slowCallRate: slowCallRateSchema,
  })
  .partial()
  .refine((trip) => Object.values(trip).some((condition) => condition !== undefined), {
    error: 'lists no condition; list at least one of consecutiveFailures, failureRate, slowCallRate, or leave trip out',
    // A misspelled condition is told as such.
    when: ({ issues }) => issues.length === 0,
  })
  .transform((trip) => trip as TripConfig);

/** The types of {@link breakerShape}. */
export interface BreakerShape {
  readonly trip: z.ZodOptional<z.ZodType<TripConfig>>;
  readonly openFor: z.ZodOptional<z.ZodType<number>>;
  readonly backoff: z.ZodOptional<z.ZodType<{ factor?: number | undefined; max?: number | undefined }>>;
  readonly jitter: z.ZodOptional<z.ZodType<number>>;
  readonly trials: z.ZodOptional<z.ZodType<number>>;
  readonly lease: z.ZodOptional<z.ZodType<number>>;
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
}

/** A breaker's configuration from its parsed options, with the defaults filled in. */
export function toBreakerConfig(options: ParsedBreakerOptions, jitter: number): BreakerConfig {
  return {
    trip: options.trip ?? { consecutiveFailures: { threshold: DEFAULTS.consecutiveFailures } },
    openForMs: options.openFor ?? DEFAULTS.openForMs,
    backoffFactor: options.backoff?.factor ?? DEFAULTS.backoffFactor,
    backoffMaxMs: options.backoff?.max ?? DEFAULTS.backoffMaxMs,
    jitter: options.jitter ?? jitter,
    trials: options.trials ?? DEFAULTS.trials,
    leaseMs: options.lease ?? DEFAULTS.leaseMs,
    mode: options.mode ?? DEFAULTS.mode,
  };
}

const bareSchema = z
  .strictObject({ name: z.string({ error: 'expected a name' }).min(1, { error: 'expected a name' }).optional(), ...breakerShape })
  .superRefine(checkBreakerOptions);

/**
 * The configuration of a breaker that is used alone.
 * @throws ConfigError with every problem
 */
export function parseBareBreaker(options: unknown): { name: string; config: BreakerConfig } {
  const checked = checkAgainst(bareSchema, options);
  if ('problems' in checked) throw new ConfigError('breaker options', checked.problems);
  const parsed = checked.value;
  return { name: parsed.name ?? 'breaker', config: toBreakerConfig(parsed, DEFAULTS.bareJitter) };
}
