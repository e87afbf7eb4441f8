import * as fc from 'fast-check';
import type { BreakerConfig, FailureRateConfig, ShedConfig, TripConfig, WindowConfig } from '../../../src/core/options.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { Override } from '../../../src/core/state.ts';

/** A border in time that a schedule may step to, or just before it, or just over it. */
export type Border = 'retry' | 'overrideEnd' | 'sliceEnd';

/** How a call of a burst ends. */
export interface BurstResult {
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly code: number;
}

/** One step of a schedule. */
export type Step =
  | { readonly do: 'acquire'; readonly deadlineMs: number; readonly withSlot: boolean }
  /** Settles a call chosen among all there ever were, settled ones too. */
  | {
      readonly do: 'settle';
      readonly which: number;
      readonly outcome: Outcome;
      readonly durationMs: number;
      readonly code: number;
    }
  /** A call under way is seen to be so old. */
  | { readonly do: 'watch'; readonly which: number; readonly ageMs: number }
  /** Many calls ask at once, and do not end. */
  | { readonly do: 'crowd'; readonly calls: number }
  | { readonly do: 'pushBack'; readonly ms: number }
  | { readonly do: 'signal'; readonly holdForMs: number }
  /** The first message of a call. */
  | { readonly do: 'answer'; readonly which: number }
  /** Calls that end at once, one every so often. */
  | { readonly do: 'burst'; readonly everyMs: number; readonly results: readonly BurstResult[] }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'advanceTo'; readonly border: Border; readonly offMs: number }
  | { readonly do: 'trip' }
  | { readonly do: 'reset' }
  | { readonly do: 'snapshot' }
  | { readonly do: 'override'; readonly kind: Override | null; readonly forMs: number };

/** What a breaker is made with, and what then happens to it. */
export interface Schedule {
  readonly config: BreakerConfig;
  readonly startMs: number;
  /** Numbers for jitter, in turn. */
  readonly draws: readonly number[];
  /** A snapshot after every step sees what time changed at once; without, it is seen late. */
  readonly snapshotsAlways: boolean;
  readonly steps: readonly Step[];
}

const DAY_MS = 86_400_000;

// All numbers here have an exact binary fraction, so that two ways to calculate the same time agree to the last bit.
const windowArb: fc.Arbitrary<WindowConfig> = fc.oneof(
  fc.record({ calls: fc.integer({ min: 1, max: 30 }) }),
  fc
    .record({ sliceMs: fc.constantFrom(0.5, 10, 125, 1_000, 60_000), slices: fc.constantFrom(1, 2, 3, 10, 16) })
    .map(({ sliceMs, slices }) => ({ durationMs: sliceMs * slices, slices })),
);

const rateArb: fc.Arbitrary<FailureRateConfig> = fc.record({
  threshold: fc.constantFrom(0.001, 0.1, 0.3, 1 / 2, 0.7, 0.9, 1),
  minCalls: fc.integer({ min: 1, max: 25 }),
  window: windowArb,
});

const tripArb: fc.Arbitrary<TripConfig> = fc
  .record(
    {
      consecutiveFailures: fc.record({ threshold: fc.integer({ min: 1, max: 12 }) }),
      failureRate: rateArb,
      slowCallRate: fc.tuple(rateArb, fc.constantFrom(5, 25)).map(([rate, slowerThanMs]) => ({ ...rate, slowerThanMs })),
    },
    { requiredKeys: [] },
  )
  .filter((trip) => Object.keys(trip).length > 0);

const shedArb: fc.Arbitrary<ShedConfig> = fc.record({
  k: fc.constantFrom(1, 1.5, 2),
  window: fc.constantFrom({ durationMs: 1_000, slices: 10 }, { durationMs: 30_000, slices: 10 }, { durationMs: 500, slices: 1 }),
});

const configArb: fc.Arbitrary<BreakerConfig> = fc.record({
  trip: tripArb,
  rampUpMs: fc.constantFrom(0, 0, 1_024, 4_096, 65_536),
  stabilityMs: fc.constantFrom(0, 10_000, 10_000, DAY_MS),
  maxConcurrent: fc.constantFrom(Infinity, Infinity, Infinity, 1, 3, 10),
  shed: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: shedArb }),
  openForMs: fc.constantFrom(0.5, 100, 5_000, 5_000, 60_000),
  backoffFactor: fc.constantFrom(1, 1.5, 2, 2, 8),
  backoffMaxMs: fc.constantFrom(60_000, 60_000, 100, DAY_MS),
  backoffRefused: fc.constantFrom(Infinity, 1, 5, 300),
  jitter: fc.constantFrom(0, 0, 0.25, 0.5, 1),
  trials: fc.constantFrom(1, 2, 3, 3, 5),
  leaseMs: fc.constantFrom(50, 30_000, 30_000),
  mode: fc.constantFrom('enforce', 'enforce', 'enforce', 'observe', 'off'),
});

const outcomeArb: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 5, arbitrary: fc.constant('failure' as const) },
  { weight: 5, arbitrary: fc.constant('success' as const) },
  { weight: 1, arbitrary: fc.constant('ignored' as const) },
);
const durationArb = fc.constantFrom(0, 1, 1, 1, 5, 5.5, 25, 26, 900, -1, Number.NaN);
const codeArb = fc.constantFrom(-1, 4, 14);
const everyMsArb = fc.constantFrom(0, 0, 0.5, 60, 700);
const forMsArb = fc.constantFrom(Infinity, Infinity, 0.5, 1_000, 90_000, DAY_MS);

const stepArb: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('acquire' as const),
      deadlineMs: fc.constantFrom(Infinity, Infinity, 20, 1_000, 60_000, 0, -5, Number.NaN),
      withSlot: fc.boolean(),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      // Small numbers are the newest calls.
      which: fc.oneof(fc.nat({ max: 4 }), fc.nat({ max: 60 })),
      outcome: outcomeArb,
      durationMs: durationArb,
      code: codeArb,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat({ max: 4 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('watch' as const),
      which: fc.nat({ max: 9 }),
      ageMs: fc.constantFrom(1, 5, 5.5, 25, 25.5, 900),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crowd' as const), calls: fc.integer({ min: 2, max: 20 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('pushBack' as const),
      ms: fc.constantFrom(0.5, 1_000, 8_000, DAY_MS, -1, 0, Number.NaN, Infinity, -Infinity),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('signal' as const), holdForMs: fc.constantFrom(0, 1_000, 90_000, -1, Number.NaN) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('burst' as const),
      everyMs: everyMsArb,
      results: fc.array(fc.record({ outcome: outcomeArb, durationMs: durationArb, code: codeArb }), {
        minLength: 1,
        maxLength: 25,
      }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('burst' as const),
      everyMs: everyMsArb,
      results: fc
        .tuple(fc.constantFrom<Outcome>('failure', 'success'), durationArb, fc.integer({ min: 1, max: 25 }))
        .map(([outcome, durationMs, times]) => Array.from({ length: times }, () => ({ outcome, durationMs, code: 14 }))),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.constantFrom(0, 0.5, 1, 10, 49.5, 125, 1_000, 5_000, 30_000, 3_600_000, 3 * DAY_MS, 400 * DAY_MS),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('advanceTo' as const),
      border: fc.constantFrom('retry', 'retry', 'retry', 'overrideEnd', 'sliceEnd'),
      offMs: fc.constantFrom(0, 0, -0.5, 0.5),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('snapshot' as const) }) },
  { weight: 1, arbitrary: fc.constantFrom({ do: 'trip' as const }, { do: 'reset' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('override' as const),
      kind: fc.constantFrom('forcedOpen', 'forcedClosed', null, null),
      forMs: forMsArb,
    }),
  },
);

/** Any schedule for any breaker. */
export const scheduleArb: fc.Arbitrary<Schedule> = fc.record({
  config: configArb,
  startMs: fc.constantFrom(0, 0.5, 123_456, 3e9, -1e6),
  draws: fc.array(fc.constantFrom(0, 0.125, 0.5, 0.75, 0.9375), { minLength: 1, maxLength: 4 }),
  snapshotsAlways: fc.boolean(),
  steps: fc.array(stepArb, { minLength: 1, maxLength: 90, size: 'max' }),
});
