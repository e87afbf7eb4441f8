import { Metadata, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { isRejection, type MethodPolicyOptions, rejectionOf } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { attach, attachAll } from './helpers/attached.ts';
import { type Comparison, compare, startTwins, type Twins } from './helpers/compare.ts';
import { OPERATIONS, recorder } from './helpers/interceptors.ts';
import { codeOf, messagesOf, play } from './helpers/play.ts';
import { steadily } from './helpers/quiet.ts';
import { scripted } from './helpers/script.ts';
import { startScriptedServer } from './helpers/scripted-server.ts';
import { CALL_TYPES, receivesStream, SCRIPTED } from './helpers/scripted-service.ts';

// Observing changes nothing that anybody sees; off is as if it were not there; overrides stand above everything.

const FAILING = { answers: 0, code: Status.UNAVAILABLE, details: 'sick' };

/** Everything that enforcement would do: a deadline, a fallback for all cases, a trip at the first failure. */
function everything(type: (typeof CALL_TYPES)[number], mode: MethodPolicyOptions['mode']): MethodPolicyOptions {
  const answer = { text: 'instead' };
  return {
    ...(mode === undefined ? {} : { mode }),
    deadline: '30ms',
    trip: { consecutiveFailures: 1 },
    openFor: '1h',
    backoff: { max: '1h' },
    fallback: { on: ['rejected', 'failed'], sources: [receivesStream(type) ? { messages: [answer] } : { message: answer }] },
  };
}

function only(type: (typeof CALL_TYPES)[number], policy: MethodPolicyOptions): MethodPolicyOptions {
  const method = `${type.charAt(0).toUpperCase()}${type.slice(1)}`;
  return { jitter: 0, ...policy, name: [{ service: SCRIPTED, method }] };
}

describe.each(CALL_TYPES)('modes (%s)', (type) => {
  let twins: Twins;
  let target: string;
  beforeAll(async () => {
    twins = await startTwins();
    target = twins.protected.target;
  });
  afterAll(() => twins.stop());

  const CASES: readonly (Omit<Comparison, 'type' | 'policy'> & { name: string })[] = [
    { name: 'answers', script: { headers: { 'x-header': 'one' }, trailers: { 'x-trailer': 'two' } } },
    { name: 'failures', script: FAILING },
    { name: 'answers that are late for the policy', script: { delayMs: 60 } },
    { name: 'interceptors', interceptors: (log) => [recorder(log, 'slow', OPERATIONS)] },
  ];

  it.each(CASES)('observe and off change nothing: $name', async ({ name: _name, ...comparison }) => {
    for (const mode of ['observe', 'off'] as const) {
      const policy = only(type, everything(type, mode));
      const { bare, protected: ours } = await compare(twins, { ...comparison, type, policy });
      expect(ours).toEqual(bare);
    }
  });

  it('observing, it judges: trips, counts what it would have refused, and refuses nothing', async () => {
    const clock = new ManualClock(1_000);
    const attached = attachAll(
      { methods: [only(type, { ...everything(type, 'observe'), openFor: '5s', trials: 1 })] },
      { clock },
    );
    const client = attached.connect(target);
    twins.protected.forget();
    for (let call = 0; call < 4; call++)
      expect(codeOf(await play(client, type, { metadata: scripted(FAILING) }))).toBe(Status.UNAVAILABLE);
    const breaker = attached.breaker(target, type);
    expect(twins.protected.calls).toHaveLength(4);
    expect(breaker.snapshot()).toMatchObject({
      state: 'open',
      mode: 'observe',
      counts: { failure: 4, wouldReject: { open: 3 }, rejected: { open: 0 } },
    });
    expect(attached.events).toMatchObject([{ from: 'closed', to: 'open', mode: 'observe' }]);
    clock.advance(5_000);
    expect(codeOf(await play(client, type))).toBe(Status.OK);
    expect(breaker.state).toBe('closed');
  });

  it('observing, a call that took longer than the policy’s deadline is a failure', () =>
    steadily(async () => {
      const attached = attachAll({ methods: [only(type, everything(type, 'observe'))] });
      const played = await play(attached.connect(target), type, { metadata: scripted({ delayMs: 60 }) });
      expect(codeOf(played)).toBe(Status.OK);
      expect(attached.breaker(target, type).snapshot()).toMatchObject({ state: 'open', counts: { failure: 1, success: 0 } });
    }));

  it('observing, a call that its caller gave up after the policy’s deadline is a failure, before it is ignored', () =>
    steadily(async () => {
      const attached = attachAll({ methods: [only(type, { mode: 'observe', deadline: '60ms' })] });
      const client = attached.connect(target);
      for (const cancel of [20, 120]) await play(client, type, { metadata: scripted({ answers: 0, hang: true }), cancel });
      expect(attached.breaker(target, type).snapshot().counts).toMatchObject({ ignored: 1, failure: 1, success: 0 });
    }));

  it('off, there is no breaker at all', async () => {
    const attached = attachAll({ methods: [only(type, everything(type, 'off'))] });
    for (let call = 0; call < 3; call++) await play(attached.connect(target), type, { metadata: scripted(FAILING) });
    expect(attached.breakers.list()).toEqual([]);
    expect(attached.events).toEqual([]);
  });

  it('a method that no policy names is let alone', async () => {
    const attached = attachAll({ methods: [{ name: [{ service: 'another.Service' }], trip: { consecutiveFailures: 1 } }] });
    for (let call = 0; call < 3; call++) await play(attached.connect(target), type, { metadata: scripted(FAILING) });
    expect(attached.breakers.list()).toEqual([]);
  });

  describe.each(['enforce', 'observe'] as const)('an override in mode %s', (mode) => {
    it('forcedOpen refuses every call, until it is taken back', async () => {
      const attached = attachAll({ methods: [only(type, { mode, trip: { consecutiveFailures: 5 }, trials: 1 })] });
      const client = attached.connect(target);
      await play(client, type);
      const breaker = attached.breaker(target, type);
      breaker.override('forcedOpen', { reason: 'maintenance' });
      twins.protected.forget();
      const { sights } = await play(client, type);
      expect(sights.find(([what]) => what === 'status')?.[1]).toMatchObject({
        code: Status.UNAVAILABLE,
        details: expect.stringMatching(/is forced open.*maintenance.*until it is released/),
      });
      expect(twins.protected.calls).toEqual([]);
      expect(breaker.snapshot()).toMatchObject({ state: 'open', override: 'forcedOpen', counts: { rejected: { forced: 1 } } });
      breaker.override(null);
      expect(codeOf(await play(client, type))).toBe(Status.OK);
      expect(breaker.state).toBe('closed');
    });

    it('forcedClosed refuses none', async () => {
      const attached = attachAll({ methods: [only(type, { mode, trip: { consecutiveFailures: 1 } })] });
      const client = attached.connect(target);
      await play(client, type);
      const breaker = attached.breaker(target, type);
      breaker.override('forcedClosed');
      for (let call = 0; call < 5; call++) await play(client, type, { metadata: scripted(FAILING) });
      expect(breaker.snapshot()).toMatchObject({
        state: 'closed',
        counts: { failure: 5, wouldReject: { open: 0 }, rejected: { open: 0 } },
      });
    });
  });

  it('forcedOpen is answered by the fallback, while observing too', async () => {
    const attached = attachAll({ methods: [only(type, everything(type, 'observe'))] });
    const client = attached.connect(target);
    await play(client, type);
    attached.breaker(target, type).override('forcedOpen');
    expect(messagesOf(await play(client, type)).map(({ text }) => text)).toEqual(['instead']);
  });
});

describe('a rejection without a fallback', () => {
  it('says the breaker, the reason and the time until the next trial', async () => {
    const clock = new ManualClock(1_000);
    const attached = attach({ trip: { consecutiveFailures: 1 }, openFor: '5s' }, { clock });
    const target = '127.0.0.1:1';
    const client = attached.connect(target);
    const call = () => new Promise((resolve) => client.unary({}, new Metadata(), {}, resolve));
    expect(isRejection(await call())).toBe(false);
    clock.advance(1_234);
    const error = await call();
    const name = `${target}/${SCRIPTED}/Unary`;
    expect(rejectionOf(error)).toEqual({ breaker: name, reason: 'open', retryInMs: 3_766 });
    expect(error).toMatchObject({
      code: Status.UNAVAILABLE,
      details: `circuit breaker ${name} is open: 1 failures in a row (trips at 1); next trial in 3766 ms`,
    });
    attached.breaker(target, 'unary').override('forcedOpen');
    expect(rejectionOf(await call())).toEqual({ breaker: name, reason: 'forced', retryInMs: Infinity });
  });

  it('is told apart from a server that says the same', async () => {
    const server = await startScriptedServer();
    onTestFinished(() => server.stop());
    const attached = attach();
    await attached.open(server.target, ['unary']);
    const { error } = await play(attached.connect(server.target), 'unary');
    expect(isRejection(error)).toBe(true);
    const script = {
      answers: 0,
      code: Status.UNAVAILABLE,
      details: error?.details ?? '',
      trailers: error?.metadata.getMap() as Record<string, string>,
    };
    const forged = await play(attach().connect(server.target), 'unary', { metadata: scripted(script) });
    expect(forged.error?.details).toBe(error?.details);
    expect(isRejection(forged.error)).toBe(false);
    for (const other of [undefined, null, 'text', new Error('14 UNAVAILABLE'), {}]) expect(isRejection(other)).toBe(false);
  });
});
