import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MethodPolicyOptions, rejectionOf } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { attach } from './helpers/attached.ts';
import { codeOf, messagesOf, play } from './helpers/play.ts';
import { scripted } from './helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from './helpers/scripted-server.ts';
import { CALL_TYPES, type CallType, methodName, receivesStream, SCRIPTED } from './helpers/scripted-service.ts';

// Calls that a closed breaker refuses: too many under way, traffic that is coming back, a share that is shed.

const INSTEAD = { text: 'instead' };
const FAILING = { answers: 0, code: Status.UNAVAILABLE };

function withFallback(type: CallType, policy: MethodPolicyOptions): MethodPolicyOptions {
  const method = methodName(type).split('/')[1] as string;
  return {
    ...policy,
    name: [{ service: SCRIPTED, method }],
    fallback: { on: ['rejected'], sources: [receivesStream(type) ? { messages: [INSTEAD] } : { message: INSTEAD }] },
  };
}

describe.each(CALL_TYPES)('a closed breaker (%s)', (type) => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  async function overload(policy: MethodPolicyOptions) {
    const attached = attach(policy);
    const client = attached.connect(server.target);
    server.forget();
    const calls = await Promise.all(
      Array.from({ length: 12 }, () => play(client, type, { metadata: scripted({ delayMs: 50 }) })),
    );
    return { attached, client, calls };
  }

  it('has at most maxConcurrent calls under way; the surplus is refused, says so, and is no failure', async () => {
    const { attached, client, calls } = await overload({ maxConcurrent: 5, trip: { consecutiveFailures: 1 } });
    expect(server.calls).toHaveLength(5);
    const errors = calls.flatMap(({ error }) => (error === undefined ? [] : [error]));
    expect(errors).toHaveLength(7);
    const { name } = attached.breaker(server.target, type);
    for (const error of errors) {
      expect(error).toMatchObject({
        code: Status.UNAVAILABLE,
        details: `circuit breaker ${name} has as many calls under way as it may; try again when one has ended`,
      });
      expect(rejectionOf(error)).toEqual({ breaker: name, reason: 'concurrency', retryInMs: 0 });
    }
    expect(attached.breaker(server.target, type).snapshot()).toMatchObject({
      state: 'closed',
      inFlight: 0,
      counts: { success: 5, failure: 0, rejected: { concurrency: 7 } },
    });
    expect(codeOf(await play(client, type))).toBe(Status.OK);
  });

  it('answers the surplus with the fallback', async () => {
    const { calls } = await overload(withFallback(type, { maxConcurrent: 5 }));
    expect(calls.map(codeOf)).toEqual(Array.from({ length: 12 }, () => Status.OK));
    expect(calls.flatMap(messagesOf).filter(({ text }) => text === 'instead')).toHaveLength(7);
  });

  it('observing, refuses no surplus, and counts it', async () => {
    const { attached } = await overload({ maxConcurrent: 5, mode: 'observe' });
    expect(server.calls).toHaveLength(12);
    expect(attached.breaker(server.target, type).snapshot().counts).toMatchObject({
      success: 12,
      failure: 0,
      wouldReject: { concurrency: 7 },
    });
  });

  it('lets traffic back in a ramp, with the fallback or a reason of its own', async () => {
    for (const isAnswered of [false, true]) {
      const clock = new ManualClock(1_000);
      const policy = { trip: { consecutiveFailures: 1 }, openFor: '10s', trials: 1, rampUp: '10s' } as const;
      // The largest random number: every call that may be refused is.
      const attached = attach(isAnswered ? withFallback(type, policy) : policy, { clock, random: () => 1 - 2 ** -53 });
      const client = attached.connect(server.target);
      await play(client, type, { metadata: scripted(FAILING) });
      clock.advance(10_000);
      await play(client, type);
      const breaker = attached.breaker(server.target, type);
      expect(breaker.state).toBe('closed');
      const calls = [];
      for (let call = 0; call < 10; call++) calls.push(await play(client, type));
      const refused = breaker.snapshot().counts.rejected.ramp;
      expect(refused).toBeGreaterThan(0);
      const told = calls.flatMap(({ error }) => (error === undefined ? [] : [error]));
      expect(told).toHaveLength(isAnswered ? 0 : refused);
      expect(calls.flatMap(messagesOf).filter(({ text }) => text === 'instead')).toHaveLength(isAnswered ? refused : 0);
      for (const error of told) {
        expect(rejectionOf(error)?.reason).toBe('ramp');
        expect(error.details).toBe(
          `circuit breaker ${breaker.name} has just closed, and lets a growing share of calls through; try again`,
        );
      }
      clock.advance(10_000);
      expect(codeOf(await play(client, type))).toBe(Status.OK);
    }
  });

  it('sheds a share, with the fallback or a reason of its own', async () => {
    for (const isAnswered of [false, true]) {
      const attached = attach(isAnswered ? withFallback(type, { shed: { k: 1 } }) : { shed: { k: 1 } }, { random: () => 0 });
      const client = attached.connect(server.target);
      for (let call = 0; call < 20; call++) await play(client, type, { metadata: scripted(FAILING) });
      const breaker = attached.breaker(server.target, type);
      const calls = [];
      for (let call = 0; call < 10; call++) calls.push(await play(client, type));
      expect(breaker.state).toBe('closed');
      const { rejected } = breaker.snapshot().counts;
      expect(rejected.shed).toBeGreaterThan(0);
      const told = calls.flatMap(({ error }) => (error === undefined ? [] : [error]));
      if (isAnswered) expect(told).toEqual([]);
      for (const error of told) {
        expect(rejectionOf(error)).toMatchObject({ reason: 'shed', retryInMs: 0 });
        expect(error.details).toContain('lets only a share of calls through, because too many fail; try again later');
      }
    }
  });
});
