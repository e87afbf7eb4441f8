import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BreakersEvent, fallbackOf, type MethodPolicyOptions } from '../../src/index.ts';
import { codeOf, messagesOf, type Played } from '../grpc/helpers/play.ts';
import { steadily } from '../grpc/helpers/quiet.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { CALL_TYPES, receivesStream } from '../grpc/helpers/scripted-service.ts';
import { type Day, playDay, type Stretch } from './helpers/day.ts';

// The same faults of a real server under a policy that is enforced, and under one that observes: the same verdicts, at the same calls.

const { UNAVAILABLE } = Status;
const window = '10s';

/** Every trip condition, and faults that it finds. */
const CONDITIONS: Record<
  string,
  { trip: NonNullable<MethodPolicyOptions['trip']>; faults: readonly Stretch[]; healthy?: number }
> = {
  consecutiveFailures: {
    trip: { consecutiveFailures: 4 },
    faults: [{ calls: 30, code: UNAVAILABLE, tookMs: 5, gapMs: 250 }],
  },
  failureRate: {
    trip: { failureRate: { threshold: '40%', minCalls: 10, window } },
    faults: [
      { calls: 2, code: UNAVAILABLE, tookMs: 5, gapMs: 250 },
      { calls: 2, tookMs: 5, gapMs: 250 },
      { calls: 25, code: UNAVAILABLE, tookMs: 5, gapMs: 250 },
    ],
  },
  slowCallRate: {
    trip: { slowCallRate: { slowerThan: '40ms', threshold: '50%', minCalls: 10, window } },
    faults: [{ calls: 30, tookMs: 60, gapMs: 250 }],
  },
  latencySlo: {
    trip: { latencySlo: { limit: '40ms', percentile: '90%', minCalls: 10, window } },
    faults: [{ calls: 30, tookMs: 60, gapMs: 250 }],
  },
  'adaptive, by errors': {
    trip: { adaptive: { warmUp: 100 } },
    faults: [{ calls: 30, code: UNAVAILABLE, tookMs: 5, gapMs: 250 }],
    healthy: 150,
  },
  'adaptive, by slowness': { trip: { adaptive: { warmUp: 100 } }, faults: [{ calls: 30, tookMs: 60, gapMs: 250 }], healthy: 150 },
};

describe.each(CALL_TYPES)('recorded faults (%s)', (type) => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  const answer = { text: 'instead' };
  const policy: MethodPolicyOptions = {
    openFor: '2s',
    backoff: { factor: 2, max: '8s' },
    rampUp: '4s',
    stability: 0,
    deadline: '1h',
    fallback: {
      on: ['rejected', 'failed'],
      sources: [
        { ...(receivesStream(type) ? { messages: [answer] } : { message: answer }), name: 'hold', when: 'rejected' },
        { error: { code: 'ABORTED', message: 'gone' }, name: 'gone' },
      ],
    },
  };

  it.each(Object.entries(CONDITIONS))(
    '%s: the same verdicts at the same calls',
    { timeout: 60_000 }, // On a busy machine it is tried again.
    (_name, { trip, faults, healthy = 20 }) =>
      steadily(async () => {
        const stretches: Stretch[] = [{ calls: healthy, tookMs: 5, gapMs: 250 }, ...faults, { calls: 60, tookMs: 5, gapMs: 250 }];
        const enforced = await playDay(server, type, { ...policy, trip }, 'enforce', stretches);
        const observed = await playDay(server, type, { ...policy, trip }, 'observe', stretches);

        expect(transitions(observed)).toEqual(transitions(enforced));
        expect(transitions(enforced).map(({ to }) => to)).toEqual(expect.arrayContaining(['open', 'halfOpen', 'closed']));

        // Observing refuses none, answers none by a fallback, and sets no deadline.
        const total = stretches.reduce((sum, { calls }) => sum + calls, 0);
        expect(observed.reached).toBe(total);
        expect(new Set(observed.deadlines)).toEqual(new Set([Infinity]));
        expect(enforced.deadlines.every((deadline) => deadline < Infinity)).toBe(true);
        const codes = stretches.flatMap(({ calls, code = Status.OK }) => Array<number>(calls).fill(code));
        expect(observed.played.map(codeOf)).toEqual(codes);
        expect(observed.played.filter(isFallback)).toEqual([]);
        expect(enforced.played.filter(isFallback).length).toBeGreaterThan(0);

        // What is told of it is what enforcement does.
        const refused = total - enforced.reached;
        expect(shadows(observed, 'rejection')).toHaveLength(refused);
        expect(refused).toBeGreaterThan(0);
        expect(shadows(enforced, 'rejection')).toEqual([]);
        expect(shadows(observed, 'fallback')).toHaveLength(enforced.played.filter(isFallback).length);
        for (const metric of ['transitions', 'rejections', 'fallbacks']) {
          expect(await observed.counted(`shadow.${metric}`)).toEqual(await enforced.counted(metric));
          expect(await enforced.counted(metric)).not.toEqual([]);
          expect(await observed.counted(metric)).toEqual([]);
          expect(await enforced.counted(`shadow.${metric}`)).toEqual([]);
        }
        expect(await observed.counted('open.duration')).toEqual([]);
        // Whoever looks for breakers that are open finds none.
        const [closed] = observed.statuses;
        expect(closed).toContainEqual(expect.stringMatching(/state=closed: 1$/));
        expect(observed.statuses).toEqual(stretches.map(() => closed));
        expect(new Set(enforced.statuses.map(String)).size).toBeGreaterThan(1);
      }),
  );
});

function transitions({ events }: Day) {
  return events.flatMap((event) => {
    if (event.type !== 'transition') return [];
    const { mode: _, traceId: __, verdict, ...what } = event;
    // A tick, which is real, may find a call slow before it ends: then the evidence lists it without its code, and nothing more is learned from it.
    return { ...what, verdict: { ...verdict, evidence: undefined, baseline: undefined } };
  });
}

function shadows({ events }: Day, what: 'rejection' | 'fallback'): BreakersEvent[] {
  return events.filter((event) => event.type === 'shadow' && event.what === what);
}

function isFallback(played: Played): boolean {
  return messagesOf(played).some((message) => fallbackOf(message) !== undefined) || fallbackOf(played.error) !== undefined;
}
