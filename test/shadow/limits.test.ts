import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BreakersEvent, MethodPolicyOptions } from '../../src/index.ts';
import { attach } from '../grpc/helpers/attached.ts';
import { codeOf, messagesOf, play } from '../grpc/helpers/play.ts';
import { steadily, turns } from '../grpc/helpers/quiet.ts';
import { type Script, scripted } from '../grpc/helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { CALL_TYPES } from '../grpc/helpers/scripted-service.ts';
import { openStream, STREAMS, WatchedClock } from '../grpc/streams/helpers/opened.ts';

// Limits of a policy that observes: a call that misses one counts as failed when it does, once, and goes on as if nothing had been.

const POLICY: MethodPolicyOptions = {
  mode: 'observe',
  trip: { consecutiveFailures: 1 },
  openFor: '5s',
  backoff: { factor: 1 },
  rampUp: 0,
  trials: 1,
  fallback: {
    on: ['rejected', 'failed', 'stale'],
    sources: [{ error: { code: 'ABORTED', message: 'instead' }, name: 'instead' }],
  },
};

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());
beforeEach(() => server.forget());

/** Breakers that observe, and what is heard of them. */
function observing(policy: MethodPolicyOptions) {
  const clock = new WatchedClock(1_000);
  const attached = attach({ ...POLICY, ...policy }, { clock });
  const events: BreakersEvent[] = [];
  attached.breakers.subscribe((event) => void events.push(event));
  const client = attached.connect(server.target);
  const told = () =>
    events.map((event) => ('what' in event ? `${event.what} ${'cause' in event ? event.cause : event.reason}` : event.type));
  return { attached, clock, client, told };
}

describe.each(STREAMS)('a stream whose messages do not come in time (%s)', (type) => {
  it.each<[string, NonNullable<MethodPolicyOptions['stream']>, number, readonly string[]]>([
    ['firstMessageWithin', { firstMessageWithin: '60ms' }, 0, ['transition', 'fallback failed']],
    // Behind a message nothing can be replaced.
    ['messageGap', { messageGap: '60ms' }, 1, ['transition']],
  ])('%s: is a failure at that moment, and goes on untouched', async (_name, stream, messages, tells) => {
    const { attached, clock, client, told } = observing({ stream });
    const opened = openStream(client, type, { script: { answers: 3, steps: true } });
    await vi.waitUntil(() => server.calls.length === 1);
    if (messages > 0) server.calls[0]?.steps.go(messages);
    if (messages > 0) await opened.received(messages);
    await clock.looked();
    const breaker = attached.breaker(server.target, type);
    await clock.pass(60);
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', inFlight: 1, counts: { failure: 0 } });
    await clock.pass(1);
    expect(breaker.snapshot()).toMatchObject({ state: 'open', inFlight: 0, counts: { failure: 1 } });
    clock.advance(500);
    server.calls[0]?.steps.go(4);
    expect(await opened.ended).toMatchObject({ code: Status.OK });
    expect([opened.texts, server.calls[0]?.received.length]).toEqual([['answer 0', 'answer 1', 'answer 2'], 1]);
    // Once.
    expect(breaker.snapshot()).toMatchObject({ state: 'open', counts: { failure: 1, success: 0, ignored: 0 } });
    await turns(2);
    expect(told()).toEqual(tells);
  });

  it('and that was a trial: it has failed, and what comes is too late', async () => {
    const { attached, clock, client } = observing({ stream: { firstMessageWithin: '60ms' } });
    await play(client, type, { metadata: scripted({ answers: 0, code: Status.UNAVAILABLE }) });
    clock.advance(5_000);
    server.forget();
    const opened = openStream(client, type, { script: { answers: 1, steps: true } });
    await vi.waitUntil(() => server.calls.length === 1);
    const breaker = attached.breaker(server.target, type);
    expect(breaker.state).toBe('halfOpen');
    await clock.looked();
    await clock.pass(61);
    expect([breaker.state, breaker.verdict?.reason]).toEqual(['open', 'trialFailed']);
    server.calls[0]?.steps.go(2);
    await opened.ended;
    expect(breaker.state).toBe('open');
  });
});

describe.each(CALL_TYPES)('a call that outlasts the deadline of its policy (%s)', (type) => {
  it('is a failure when it passes, though it hangs, and a success later changes nothing', () =>
    steadily(async () => {
      server.forget();
      const { attached, clock, client, told } = observing({ deadline: '80ms' });
      const script: Script = { steps: true };
      const playing = play(client, type, { metadata: scripted(script) });
      await vi.waitUntil(() => server.calls[0]?.halfClosed === true);
      expect(server.calls[0]?.deadlineLeftMs).toBe(Infinity);
      const breaker = attached.breaker(server.target, type);
      await clock.pass(80);
      expect(breaker.snapshot().counts.failure).toBe(0);
      await clock.pass(1);
      expect(breaker.snapshot()).toMatchObject({ state: 'open', inFlight: 0, counts: { failure: 1 } });
      server.calls[0]?.steps.go(2);
      const played = await playing;
      expect([codeOf(played), messagesOf(played).length]).toEqual([Status.OK, 1]);
      expect(breaker.snapshot().counts).toMatchObject({ failure: 1, success: 0, ignored: 0 });
      expect(told()).toEqual(['transition', 'fallback failed']);
    }));

  it('took no longer than that, whatever becomes of it', () =>
    steadily(async () => {
      server.forget();
      const slowCallRate = { slowerThan: '85ms', minCalls: 1, threshold: '1%', window: '10s' } as const;
      const { attached, clock, client } = observing({ deadline: '80ms', trip: { slowCallRate } });
      const playing = play(client, type, { metadata: scripted({ steps: true }) });
      await vi.waitUntil(() => server.calls[0]?.halfClosed === true);
      await clock.pass(300);
      server.calls[0]?.steps.go(2);
      await playing;
      expect(attached.breaker(server.target, type).snapshot()).toMatchObject({ state: 'closed', counts: { failure: 1 } });
    }));

  it('as a trial holds its place no longer than it would under enforcement', () =>
    steadily(async () => {
      server.forget();
      // It counts for nothing when its deadline passes, so that only its lease gives the place free.
      const { attached, clock, client } = observing({ deadline: '80ms', minBudget: '90ms', trip: { consecutiveFailures: 1 } });
      await play(client, type, { metadata: scripted({ answers: 0, code: Status.UNAVAILABLE }) });
      const breaker = attached.breaker(server.target, type);
      clock.advance(5_000);
      server.forget();
      void play(client, type, { metadata: scripted({ steps: true, hang: true }), cancel: 300 });
      await vi.waitUntil(() => server.calls.length === 1);
      expect([breaker.state, breaker.snapshot().retryInMs]).toEqual(['halfOpen', 80]);
    }));
});

describe('staleAfter', () => {
  it('that is observed is told as what it would be, and the late answer is delivered', () =>
    steadily(async () => {
      server.forget();
      const { attached, clock, client, told } = observing({ staleAfter: '40ms', deadline: '1s' });
      const playing = play(client, 'unary', { metadata: scripted({ steps: true }) });
      await vi.waitUntil(() => server.calls[0]?.halfClosed === true);
      await clock.pass(41);
      server.calls[0]?.steps.go(2);
      expect(messagesOf(await playing).map(({ text }) => text)).toEqual(['answer 0']);
      expect(attached.breaker(server.target, 'unary').snapshot().counts).toMatchObject({ failure: 1, success: 0 });
      expect(told()).toEqual(['transition', 'fallback stale']);
    }));
});

describe('a caller’s deadline', () => {
  it('that comes first is what ends a call, and is counted once', () =>
    steadily(async () => {
      const { attached, client, told } = observing({ deadline: '1s' });
      const options = { deadline: Date.now() + 50 };
      expect(codeOf(await play(client, 'unary', { metadata: scripted({ hang: true, answers: 0 }), options }))).toBe(
        Status.DEADLINE_EXCEEDED,
      );
      await turns(2);
      expect(attached.breaker(server.target, 'unary').snapshot().counts).toMatchObject({ failure: 1, ignored: 0 });
      expect(told()).toEqual(['transition', 'fallback failed']);
    }));
});
