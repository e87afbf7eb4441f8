import { z } from 'zod';
import { DEFAULTS } from '../core/defaults.ts';
import { ConfigError } from '../core/errors.ts';
import type { BreakerConfig, ShedConfig } from '../core/options.ts';
import type { Mode } from '../core/state.ts';
import { checkAgainst } from './problems.ts';
import { noted } from './schema-notes.ts';
import { ownConditions, type ParsedTrip, refuseSignals } from './signal-options.ts';
import { type TripOptions, tripSchema } from './trip-options.ts';
import { atLeast, atLeastOne, type Duration, durationOrNone, durationSchema, type Share, shareSchema } from './units.ts';

/** Refuses a share of calls instead of opening: client-side throttling of Google's SRE book. */
export interface ShedOptions {
  /** So many requests are sent for each one that the dependency accepts. @default 2 */
  k?: number;
  /** Over which time they are counted. @default '30s' in 10 slices */
  window?: Duration;
}

/** The options of one breaker, the same in code and in a policy document. */
export interface BreakerOptions {
  /** What trips it. @default { adaptive: {} } */
  trip?: TripOptions;
  /** How long it stays open before the first trial. @default '200ms' */
  openFor?: Duration;
  /**
   * Open periods in a row grow by `factor`, up to `max`. One that has grown ends early after so many `refused` calls, though not before
   * `openFor`: a busy method is tried sooner than a quiet one. @default { factor: 2, max: 25 times openFor (5s), refused: 300 }
   */
  backoff?: { factor?: number; max?: Duration; refused?: number };
  /** Each open period is spread by plus or minus this share. @default '20%' in a policy, 0 for `createBreaker` */
  jitter?: Share;
  /**
   * Calls let through at a time in half-open. With `adaptive`, one goes first, and evidence closes it; else it closes when so many have all
   * succeeded. @default 3
   */
  trials?: number;
  /** A trial without an answer counts as failed after its call's deadline, and at the latest after this time. @default '30s' */
  lease?: Duration;
  /** After it closes, calls are let through in a growing share for this long, at most for as long as the outage was. `0` for all at once. @default '500ms' in a policy, 0 for `createBreaker` */
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

const shedSchema: z.ZodType<ShedConfig> = noted(
  z.strictObject(
    {
      k: atLeast('a number from 1 to 100', 1, 100).default(DEFAULTS.shedK),
      window: durationSchema.default(DEFAULTS.shedWindowMs),
    },
    { error: 'expected options such as { k: 2, window: 30s }, or {} for the defaults' },
  ),
  { id: 'ShedOptions' },
).transform(({ k, window }) => ({ k, window: { durationMs: window, slices: DEFAULTS.slices } }));

/** The types of {@link breakerShape}. */
export interface BreakerShape {
  readonly trip: z.ZodOptional<z.ZodType<ParsedTrip>>;
  readonly openFor: z.ZodOptional<z.ZodType<number>>;
  readonly backoff: z.ZodOptional<
    z.ZodType<{ factor?: number | undefined; max?: number | undefined; refused?: number | undefined }>
  >;
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
    .strictObject(
      {
        factor: z
          .number({ error: 'expected a number of at least 1' })
          .min(1, { error: 'expected a number of at least 1' })
          .optional(),
        max: durationSchema.optional(),
        refused: atLeastOne('refused calls').optional(),
      },
      { error: 'expected options such as { factor: 2, max: 5s }' },
    )
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
    backoffRefused: options.backoff?.refused ?? DEFAULTS.backoffRefused,
    backoffMaxMs: options.backoff?.max ?? openForMs * DEFAULTS.backoffMaxFactor,
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
