import { z } from 'zod';
import { DEFAULTS } from '../core/defaults.ts';
import type { AdaptiveConfig, CountWindowConfig, FailureRateConfig, LatencySloConfig, WindowConfig } from '../core/options.ts';
import { noted } from './schema-notes.ts';
import { type ParsedTrip, signalShape } from './signal-options.ts';
import {
  atLeast,
  atLeastOne,
  type Duration,
  durationOrNone,
  durationSchema,
  fromTwoPercentSchema,
  openShareSchema,
  positiveShareSchema,
  type Share,
} from './units.ts';

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
  /** A call that takes this many times the usual latency (its 70th percentile) is slow. @default 3 */
  slowdown?: number;
  /** A slow call takes at least so much longer than usual. @default '1ms' */
  slowdownFloor?: Duration;
  /** A burst of trouble this short never trips. `0` for none. @default '100ms' */
  blip?: Duration | 0;
  /** Calls before what was learned is used; until then a share of failures of a tenth of `unhealthy` counts as usual. @default 1000 */
  warmUp?: number;
  /** After this time a call counts half in what is usual. @default '10m' */
  halfLife?: Duration;
  /** After so many half-open rounds in a row, a second or more apart, whose trials all succeeded, but slowly, the new latency is the usual one. @default 60 */
  adoptAfter?: number;
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

const wholeNumber = (what: string, max: number) => {
  const error = `expected a whole number of ${what} from 1 to ${max}`;
  return z.int({ error }).min(1, { error }).max(max, { error });
};

const windowSchema: z.ZodType<WindowConfig> = z.union(
  [
    durationSchema.transform((durationMs) => ({ durationMs, slices: DEFAULTS.slices })),
    z.strictObject({ calls: wholeNumber('calls', 1_000_000) }),
    z
      .strictObject({ duration: durationSchema, slices: wholeNumber('slices', 1_000).default(DEFAULTS.slices) })
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

/** A rate as far as it could be read: its other fields may be wrong. */
interface ReadRate {
  readonly window?: unknown;
  readonly minCalls?: unknown;
}

/** How many results its window can hold; Infinity for a window of time, and for one that could not be read. */
function capacityOf({ window }: ReadRate): number {
  const calls = (window as Partial<CountWindowConfig> | null | undefined)?.calls;
  return typeof calls === 'number' ? calls : Infinity;
}

/** Refuses `minCalls` that the window can never hold, also where something else is wrong with the rate. */
const fitsWindow = {
  path: ['minCalls'],
  error: ({ input }: { readonly input?: unknown }): string => {
    const rate = input as ReadRate;
    return `a window of ${capacityOf(rate)} calls never holds ${String(rate.minCalls)}, so this would never trip; lower minCalls or make the window larger`;
  },
  when: ({ value }: { readonly value: unknown }): boolean => typeof value === 'object' && value !== null,
};

function fits(rate: ReadRate): boolean {
  return typeof rate.minCalls !== 'number' || rate.minCalls <= capacityOf(rate);
}

/** Fills in `minCalls`. */
function withMinCalls<T extends { window: WindowConfig; minCalls?: number | undefined }>(rate: T): T & { minCalls: number } {
  return { ...rate, minCalls: rate.minCalls ?? Math.min(DEFAULTS.minCalls, capacityOf(rate)) };
}

const failureRateSchema: z.ZodType<FailureRateConfig> = noted(
  z.strictObject(
    { threshold: positiveShareSchema.default(DEFAULTS.failureRate), ...rateShape },
    { error: 'expected options such as { threshold: 50%, window: 10s }, or {} for the defaults' },
  ),
  { id: 'FailureRateOptions' },
)
  .refine(fits, fitsWindow)
  .transform(withMinCalls);

const slowCallRateSchema = noted(
  z.strictObject(
    { slowerThan: durationSchema, threshold: positiveShareSchema.default(DEFAULTS.slowCallRate), ...rateShape },
    { error: 'expected options with slowerThan, such as { slowerThan: 20ms }' },
  ),
  { id: 'SlowCallRateOptions' },
)
  .refine(fits, fitsWindow)
  .transform(withMinCalls)
  .transform(({ slowerThan, ...rate }) => ({ ...rate, slowerThanMs: slowerThan }));

const latencySloSchema: z.ZodType<LatencySloConfig> = noted(
  z.strictObject(
    {
      percentile: openShareSchema('percentile', '99%').default(DEFAULTS.percentile),
      limit: durationSchema,
      confidence: openShareSchema('confidence', '99.9%').default(DEFAULTS.confidence),
      ...rateShape,
    },
    { error: 'expected options with limit, such as { limit: 15ms, percentile: 99% }' },
  ),
  { id: 'LatencySloOptions' },
)
  .refine(fits, fitsWindow)
  .transform(withMinCalls)
  .transform(({ limit, ...rest }) => ({ ...rest, limitMs: limit }));

const adaptiveSchema: z.ZodType<AdaptiveConfig> = noted(
  z.strictObject(
    {
      falseTripEvery: atLeast('a number of calls from 1000 to 1e12', 1_000, 1e12).default(DEFAULTS.falseTripEvery),
      unhealthy: fromTwoPercentSchema.default(DEFAULTS.unhealthy),
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
    },
    { error: 'expected options such as { slowdown: 3 }, or {} for the defaults' },
  ),
  { id: 'AdaptiveOptions' },
).transform(({ slowdownFloor, blip, halfLife, ...rest }) => ({
  ...rest,
  slowdownFloorMs: slowdownFloor,
  blipMs: blip,
  halfLifeMs: halfLife,
}));

/** Reads `trip`: the breaker's own conditions, and signals. */
export const tripSchema: z.ZodType<ParsedTrip> = noted(
  z.strictObject(
    {
      adaptive: adaptiveSchema.optional(),
      latencySlo: latencySloSchema.optional(),
      consecutiveFailures: atLeastOne('failures')
        .transform((threshold) => ({ threshold }))
        .optional(),
      failureRate: failureRateSchema.optional(),
      slowCallRate: slowCallRateSchema.optional(),
      signal: signalShape.signal.optional(),
      prometheus: signalShape.prometheus.optional(),
    },
    { error: 'expected conditions, such as { adaptive: {} } or { consecutiveFailures: 5 }' },
  ),
  { id: 'PolicyTripOptions', minProperties: 1 },
)
  .refine((trip) => Object.values(trip).some((condition) => condition !== undefined), {
    error:
      'lists no condition; list at least one of adaptive, latencySlo, consecutiveFailures, failureRate, slowCallRate, signal, prometheus, or leave trip out',
    // A misspelled condition is told as such.
    when: ({ issues }) => issues.length === 0,
  })
  .transform((trip) => trip as ParsedTrip);
