import { status as Status } from '@grpc/grpc-js';
import * as fc from 'fast-check';
import type { FallbackSourceOptions, MethodPolicyOptions } from '../../../src/index.ts';
import { checkPolicy } from '../../../src/policy/policy.ts';
import { CALL_TYPES, type CallType, receivesStream } from '../../grpc/helpers/scripted-service.ts';

/**
 * Calls begin on a grid in time, and what the dependency and the callers do comes a little after its lines. What a policy's limits end comes later in a
 * cell of it: enforcement ends a call when its limit passes, observing tells so with the next tick, and nothing else happens in between.
 */
export const GRID_MS = 40;

/** So long after a line the dependency answers a call: not together with a tick, nor with the answers to the calls around it. */
export const answersAfterMs = (index: number): number => 1 + (index % 8);

/** So long after a line callers cancel. */
export const CANCELS_AFTER_MS = 9;

/** A limit in time that passes between two lines, and is found by a tick before the next one. */
const offGrid = (count: number) => count * GRID_MS + 21;

/** What a dependency did with a call, as it was recorded. */
export interface RecordedCall {
  /** When it began, in cells of the grid after the one before. */
  readonly after: number;
  /** Cells until each message, after the one before. */
  readonly messages: readonly number[];
  /** The message that reports a failure. */
  readonly noteAt: number;
  /** Cells from the last message to the status; undefined for a call that hangs. */
  readonly endsAfter: number | undefined;
  readonly code: Status;
  /** In cells; 0 for none. */
  readonly pushback: number;
  /** The caller's own deadline, in milliseconds; undefined for none. It may be in one cell with the policy's, before or after. */
  readonly deadlineMs: number | undefined;
  /** The caller cancels, so many cells after its beginning. */
  readonly cancelledAfter: number | undefined;
  /** Which question it asks. */
  readonly model: string;
}

/** A policy, without its mode, and the calls that were made under it. */
export interface RecordedScript {
  readonly type: CallType;
  readonly policy: MethodPolicyOptions;
  readonly calls: readonly RecordedCall[];
}

const optional = <T>(arbitrary: fc.Arbitrary<T>, freq = 2) => fc.option(arbitrary, { nil: undefined, freq });

const callArb: fc.Arbitrary<RecordedCall> = fc.record({
  after: fc.constantFrom(0, 0, 1, 1, 1, 2, 5, 20),
  messages: fc.array(fc.constantFrom(0, 0, 1, 1, 3), { maxLength: 3 }),
  noteAt: fc.constantFrom(-1, -1, -1, 0, 1),
  endsAfter: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(0, 0, 1, 2, 6) }, { weight: 1, arbitrary: fc.constant(undefined) }),
  code: fc.constantFrom(
    Status.OK,
    Status.OK,
    Status.OK,
    Status.UNAVAILABLE,
    Status.UNAVAILABLE,
    Status.INTERNAL,
    Status.NOT_FOUND,
    Status.DEADLINE_EXCEEDED,
  ),
  pushback: fc.constantFrom(0, 0, 0, 0, 5, 50),
  deadlineMs: optional(fc.constantFrom(18, 24, 58, 64, 1_218), 3),
  cancelledAfter: optional(fc.constantFrom(0, 1, 3, 20), 9),
  model: fc.constantFrom('iris', 'iris', 'rose'),
});

const GOOD: RecordedCall = {
  after: 3,
  messages: [0],
  noteAt: -1,
  endsAfter: 0,
  code: Status.OK,
  pushback: 0,
  deadlineMs: undefined,
  cancelledAfter: undefined,
  model: 'iris',
};
const BAD: RecordedCall = { ...GOOD, after: 0, messages: [], code: Status.UNAVAILABLE };

const times = (count: number, call: RecordedCall): RecordedCall[] => Array.from({ length: count }, () => call);

const callsArb = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: callArb.map((call) => [call]) },
      // Bad times, and good ones, in a row: what trips breakers, and closes them.
      {
        weight: 2,
        arbitrary: fc.tuple(callArb, fc.integer({ min: 2, max: 12 })).map(([call, count]) => times(count, call)),
      },
      { weight: 1, arbitrary: fc.integer({ min: 3, max: 20 }).map((count) => times(count, GOOD)) },
      // An outage, a recovery, and a relapse soon after; or a trial that hangs.
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.integer({ min: 0, max: 3 }), fc.boolean())
          .map(([good, isHung]) => [
            ...times(8, BAD),
            { ...GOOD, after: 61, ...(isHung && { endsAfter: undefined }) },
            ...times(good, { ...GOOD, after: isHung ? 5 : 1 }),
            ...times(20, { ...BAD, after: 1 }),
          ]),
      },
    ),
    { minLength: 3, maxLength: 12 },
  )
  .map((stretches) => stretches.flat());

const cells = (count: number) => `${count * GRID_MS}ms` as const;
const window = `${30 * GRID_MS}ms` as const;

const tripArb: fc.Arbitrary<NonNullable<MethodPolicyOptions['trip']>> = fc
  .record(
    {
      consecutiveFailures: fc.integer({ min: 1, max: 5 }),
      failureRate: fc
        .record({ threshold: fc.constantFrom(0.3, 0.5, 1), minCalls: fc.integer({ min: 1, max: 6 }) })
        .map((rate) => ({ ...rate, window })),
      slowCallRate: fc
        .record({
          threshold: fc.constantFrom(0.3, 0.5),
          minCalls: fc.integer({ min: 1, max: 6 }),
          slow: fc.constantFrom(16, 24, 56, 64, 136),
        })
        .map(({ slow, ...rate }) => ({ ...rate, slowerThan: `${slow}ms` as const, window })),
    },
    { requiredKeys: [] },
  )
  .filter((trip) => Object.keys(trip).length > 0);

const sourcesArb = (type: CallType): fc.Arbitrary<FallbackSourceOptions[]> => {
  const message = { text: 'instead' };
  const given: FallbackSourceOptions = receivesStream(type) ? { messages: [message] } : { message };
  const lastGood: FallbackSourceOptions = { lastGood: { maxAge: cells(40), identity: [], key: ['model_name'] } };
  const when = fc.constantFrom(undefined, undefined, 'rejected' as const, 'failed' as const, 'stale' as const, {
    failed: ['UNAVAILABLE'] as const,
  });
  const kinds = [
    given,
    { error: { code: 'ABORTED' as const, message: 'gave up' } },
    ...(type === 'unary' ? [lastGood, lastGood] : []),
  ];
  return fc.array(fc.tuple(fc.constantFrom(...kinds), when), { minLength: 1, maxLength: 3 }).map((sources) =>
    sources.map(([source, only], place) => ({
      ...source,
      name: `source-${place}`,
      ...(only === undefined ? {} : { when: only }),
    })),
  );
};

function policyArb(type: CallType): fc.Arbitrary<MethodPolicyOptions> {
  const isStream = receivesStream(type);
  const on = fc.subarray(isStream ? (['rejected', 'failed'] as const) : (['rejected', 'failed', 'stale'] as const), {
    minLength: 1,
  });
  return fc
    .record({
      trip: tripArb,
      openFor: fc.constantFrom(5, 20, 60),
      factor: fc.constantFrom(1, 2),
      refused: optional(fc.integer({ min: 2, max: 8 })),
      trials: fc.integer({ min: 1, max: 3 }),
      lease: fc.constantFrom(3, 1_000),
      hasRamp: fc.boolean(),
      stability: fc.constantFrom(0, 50),
      maxConcurrent: optional(fc.integer({ min: 1, max: 4 })),
      shed: optional(fc.constantFrom(1.2, 2)),
      deadline: optional(fc.constantFrom(0, 1, 4), 3),
      staleAfter: optional(fc.constantFrom(0, 1, 2)),
      minBudget: optional(fc.constantFrom(15, 20, 30)),
      cancelledAfter: optional(fc.constantFrom(1, 3)),
      firstMessageWithin: optional(fc.constantFrom(0, 2)),
      messageGap: optional(fc.constantFrom(0, 2)),
      hasNote: fc.boolean(),
      fallback: optional(fc.tuple(on, sourcesArb(type)), 4),
    })
    .map((chosen): MethodPolicyOptions => {
      const { firstMessageWithin, messageGap, fallback } = chosen;
      const stream = {
        ...(firstMessageWithin === undefined ? {} : { firstMessageWithin: `${offGrid(firstMessageWithin)}ms` as const }),
        ...(messageGap === undefined ? {} : { messageGap: `${offGrid(messageGap)}ms` as const }),
      };
      return {
        ...(chosen.shed === undefined ? { trip: chosen.trip } : { shed: { k: chosen.shed, window: cells(50) } }),
        openFor: cells(chosen.openFor),
        backoff: { factor: chosen.factor, max: cells(200), ...(chosen.refused === undefined ? {} : { refused: chosen.refused }) },
        jitter: 0,
        trials: chosen.trials,
        lease: `${offGrid(chosen.lease)}ms`,
        // As long as the shortest outage: a ramp over a longer one is shorter by what a tick came late.
        rampUp: chosen.hasRamp ? cells(chosen.openFor) : 0,
        stability: chosen.stability === 0 ? 0 : cells(chosen.stability),
        ...(chosen.maxConcurrent === undefined ? {} : { maxConcurrent: chosen.maxConcurrent }),
        ...(chosen.deadline === undefined ? {} : { deadline: `${offGrid(chosen.deadline)}ms` as const }),
        ...(chosen.staleAfter === undefined || isStream ? {} : { staleAfter: `${offGrid(chosen.staleAfter)}ms` as const }),
        ...(chosen.minBudget === undefined ? {} : { minBudget: `${chosen.minBudget}ms` as const }),
        ...(chosen.cancelledAfter === undefined ? {} : { cancelledAfter: `${offGrid(chosen.cancelledAfter)}ms` as const }),
        ...(isStream && Object.keys(stream).length > 0 ? { stream } : {}),
        ...(chosen.hasNote ? { failureWhen: 'response.note' } : {}),
        ...(fallback === undefined ? {} : { fallback: { on: fallback[0], sources: fallback[1] } }),
      };
    })
    .filter((policy) => checkPolicy({ methods: [policy] }).problems.length === 0);
}

/**
 * Two calls end in the same millisecond. Enforcement asks a fallback a turn after the end of its call, and may find an answer stored that has come
 * meanwhile; observing, it is asked at once, because the caller's span is written to.
 */
function hasTie({ calls }: RecordedScript): boolean {
  const ends = new Set<number>();
  let beganMs = 0;
  return calls.some(({ after, messages, code, endsAfter }, index) => {
    beganMs += after * GRID_MS;
    const answered = code === Status.OK ? messages.slice(0, 1) : messages;
    const cellsUntil = answered.reduce((sum, cellsBetween) => sum + cellsBetween, endsAfter ?? Infinity);
    const endMs = beganMs + cellsUntil * GRID_MS + answersAfterMs(index);
    const isTie = ends.has(endMs) && endMs < Infinity;
    ends.add(endMs);
    return isTie;
  });
}

const remembers = ({ policy }: RecordedScript): boolean =>
  policy.fallback?.sources.some(({ lastGood }) => lastGood !== undefined) === true;

/** Recorded scripts of all call types. */
export const scriptArb: fc.Arbitrary<RecordedScript> = fc
  .constantFrom(...CALL_TYPES)
  .chain((type) => fc.record({ type: fc.constant(type), policy: policyArb(type), calls: callsArb }))
  .filter((script) => !remembers(script) || !hasTie(script));
