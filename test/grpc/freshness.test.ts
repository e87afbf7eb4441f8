import { type ClientOptions, InterceptingCall, type Interceptor, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FallbackContext, fallbackOf, type MethodPolicyOptions } from '../../src/index.ts';
import { errorInfoIn } from '../fallback/helpers/error-info.ts';
import { type Attached, attachAll, ready } from './helpers/attached.ts';
import { codeOf, messagesOf, type Plan, type Played, play } from './helpers/play.ts';
import { steadily } from './helpers/quiet.ts';
import { type Script, scripted } from './helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from './helpers/scripted-server.ts';
import { forkScriptedServer, type ScriptedServerProcess } from './helpers/scripted-server-process.ts';
import { methodName, SCRIPTED, type ScriptedClient } from './helpers/scripted-service.ts';

// No answer leaves later than `staleAfter` after its call began, whoever was late; and only the server's lateness counts against it.

const HANG: Script = { answers: 0, hang: true };

/** Keeps this process from doing anything else. */
function block(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

describe.each(['unary', 'upload'] as const)('staleAfter (%s)', (type) => {
  // In a process of its own: what it sends is in the socket while this one is blocked.
  let server: ScriptedServerProcess;
  let near: ScriptedServer;
  beforeAll(async () => {
    [server, near] = await Promise.all([forkScriptedServer(), startScriptedServer()]);
  });
  afterAll(() => Promise.all([server.kill(), near.stop()]));

  interface Asking extends Attached {
    readonly client: ScriptedClient;
    readonly ask: (plan?: Plan, script?: Script) => Promise<Played>;
    readonly counts: () => { success: number; failure: number; ignored: number };
  }

  /** A client that has a connection, and has made its first calls, which take longer. */
  async function start(policy: MethodPolicyOptions, options: ClientOptions = {}): Promise<Asking> {
    const name = [{ service: SCRIPTED, method: methodName(type).split('/')[1] as string }];
    const trip = { consecutiveFailures: 99 };
    const attached = attachAll({ methods: [{ jitter: 0, rampUp: 0, trip, minBudget: '1ms', ...policy, name }] });
    const client = attached.connect(server.target, options);
    await ready(client);
    const ask = (plan: Plan = {}, script: Script = {}) => play(client, type, { ...plan, metadata: scripted(script) });
    for (let call = 0; call < 5; call++) await ask();
    const before = attached.breaker(server.target, type).snapshot().counts;
    attached.breaker(server.target, type).reset();
    const counts = () => {
      const { success, failure, ignored } = attached.breaker(server.target, type).snapshot().counts;
      return { success: success - before.success, failure: failure - before.failure, ignored: ignored - before.ignored };
    };
    return { ...attached, client, ask, counts };
  }

  it.each<[string, number | undefined, MethodPolicyOptions, number]>([
    ['set where there is none', undefined, { staleAfter: '3s' }, 3],
    ['set where the caller’s is later', 9_000, { staleAfter: '3s' }, 3],
    ['set where the policy’s is later', undefined, { staleAfter: '3s', deadline: '9s' }, 3],
    ['the caller’s where that is sooner', 3_000, { staleAfter: '9s' }, 3],
    ['the policy’s where that is sooner', undefined, { staleAfter: '9s', deadline: '3s' }, 3],
    ['none where the policy observes', undefined, { staleAfter: '3s', mode: 'observe' }, Infinity],
  ])('is a deadline: %s', async (_name, callers, policy, expected) => {
    const { connect } = attachAll({ methods: [policy] });
    near.forget();
    await play(connect(near.target), type, callers === undefined ? {} : { options: { deadline: Date.now() + callers } });
    const leftS = (near.calls[0]?.deadlineLeftMs ?? -1) / 1_000;
    if (expected === Infinity) expect(leftS).toBe(Infinity);
    else expect(Math.abs(leftS - expected)).toBeLessThan(1);
  });

  it('lets through what comes in time, and remembers nothing of it', async () => {
    const { ask, counts } = await start({ staleAfter: '5s', fallback: { sources: [{ function: () => ({ text: 'instead' }) }] } });
    const played = await ask();
    expect(messagesOf(played).map(({ text }) => text)).toEqual(['answer 0']);
    expect(fallbackOf(messagesOf(played)[0])).toBeUndefined();
    expect(counts()).toEqual({ success: 1, failure: 0, ignored: 0 });
  });

  describe('an answer that this process was late for', () => {
    /** Blocks when the headers came; message and status are read already, or in the socket. */
    const onHeaders = (ms: number): Interceptor => {
      return (options, nextCall) =>
        new InterceptingCall(nextCall(options), {
          start: (metadata, _listener, next) =>
            next(metadata, {
              onReceiveMetadata: (received, nextMetadata) => {
                nextMetadata(received);
                block(ms);
              },
            }),
        });
    };
    /** Makes a call, and blocks: while its headers are handed on, or from before its answer came. */
    const WAYS: Record<string, (asking: Asking, ms: number) => Promise<Played>> = {
      'after the headers came': ({ ask }, ms) => ask({ options: { interceptors: [onHeaders(ms)] } }),
      'while the answer came': ({ ask }, ms) => {
        const played = ask({}, { delayMs: 5 });
        setTimeout(block, 1, ms);
        return played;
      },
    };
    const CASES = Object.keys(WAYS).flatMap((way) => [30, 100].map((ms) => [way, ms] as const));

    it.each(CASES)('%s, blocked for %i ms: DEADLINE_EXCEEDED with its age, and nothing against the server', (way, ms) =>
      steadily(async () => {
        const asking = await start({ staleAfter: '20ms', trip: { consecutiveFailures: 1 } });
        const played = await WAYS[way]?.(asking, ms);
        expect(codeOf(played as Played)).toBe(Status.DEADLINE_EXCEEDED);
        expect(messagesOf(played as Played)).toEqual([]);
        const { details = '', metadata } = played?.error ?? {};
        expect(details).toMatch(/staleAfter is 20 ms/);
        const age = Number(/(\d+) ms/.exec(details)?.[1]);
        expect(age).toBeGreaterThan(20);
        expect(age).toBeLessThanOrEqual(Math.ceil(played?.durationMs ?? 0) + 1);
        expect(errorInfoIn(metadata)).toEqual({
          reason: 'STALE_ANSWER',
          domain: 'grpc-breaker',
          metadata: { breaker: `${server.target}/${methodName(type)}`, age_ms: String(age), stale_after_ms: '20' },
        });
        expect(asking.counts()).toEqual({ success: 0, failure: 0, ignored: 1 });
        expect(asking.breaker(server.target, type).state).toBe('closed');
      }),
    );

    it.each(CASES)('%s, blocked for %i ms: the fallback for stale', (way, ms) =>
      steadily(async () => {
        const contexts: FallbackContext[] = [];
        const hold = (_request: unknown, context: FallbackContext) => {
          contexts.push(context);
          return { text: 'hold' };
        };
        const asking = await start({ staleAfter: '20ms', fallback: { on: ['stale'], sources: [{ function: hold }] } });
        const played = await WAYS[way]?.(asking, ms);
        const [message] = messagesOf(played as Played);
        expect(message?.text).toBe('hold');
        expect(fallbackOf(message)).toMatchObject({ reason: 'stale' });
        expect(contexts).toMatchObject([{ cause: 'stale', status: { code: Status.DEADLINE_EXCEEDED }, deadlineLeftMs: 0 }]);
        expect(asking.counts()).toEqual({ success: 0, failure: 0, ignored: 1 });
      }),
    );

    // It takes a second, so for one type only.
    if (type === 'unary') {
      it('is ignored, but not for ever: a busy client must not be blind to a dead server', () =>
        steadily(async () => {
          const { ask, counts } = await start({ staleAfter: '15ms' });
          for (let call = 0; call < 60; call++) await ask({ options: { interceptors: [onHeaders(25)] } });
          const { success, failure, ignored } = counts();
          expect([success, failure + ignored]).toEqual([0, 60]);
          // On a loaded machine some are the server's own.
          expect(ignored).toBeGreaterThan(40);
          expect(ignored).toBeLessThanOrEqual(50);
        }));
    }
  });

  describe('a server that is late', () => {
    it.each<[string, Script]>([
      ['hangs', HANG],
      ['takes its time', { delayMs: 250 }],
      ['sends its headers in time', { ...HANG, headers: { 'x-early': 'yes' } }],
      ['sends its answer in time, and its status late', { statusDelayMs: 250 }],
    ])('that %s counts as failed, trips, and its callers get the fallback', (_name, script) =>
      steadily(async () => {
        const { ask, counts, breaker } = await start({
          staleAfter: '80ms',
          trip: { consecutiveFailures: 2 },
          fallback: { on: ['stale'], sources: [{ message: { text: 'hold' } }] },
        });
        for (const state of ['closed', 'open']) {
          const played = await ask({}, script);
          expect(messagesOf(played).map((message) => [message.text, fallbackOf(message)?.reason])).toEqual([['hold', 'stale']]);
          expect(played.durationMs).toBeGreaterThanOrEqual(78);
          expect(played.durationMs).toBeLessThan(240);
          expect(breaker(server.target, type).state).toBe(state);
        }
        expect(counts()).toEqual({ success: 0, failure: 2, ignored: 0 });
      }),
    );

    it('without a fallback ends the call with its age', () =>
      steadily(async () => {
        const { ask } = await start({ staleAfter: '40ms' });
        const { error } = await ask({}, HANG);
        expect(error?.code).toBe(Status.DEADLINE_EXCEEDED);
        expect(error?.details).toMatch(/no answer came in \d+ ms; staleAfter is 40 ms/);
        expect(errorInfoIn(error?.metadata)).toMatchObject({ reason: 'STALE_ANSWER', metadata: { stale_after_ms: '40' } });
      }));

    it('is a failed call where the policy has a fallback for those alone', () =>
      steadily(async () => {
        const { ask } = await start({
          staleAfter: '40ms',
          fallback: { on: ['failed'], sources: [{ message: { text: 'hold' } }] },
        });
        expect(fallbackOf(messagesOf(await ask({}, HANG))[0])).toMatchObject({ reason: 'failed' });
      }));

    it('leaves no time to sources that need some', () =>
      steadily(async () => {
        const later = () => new Promise((resolve) => setTimeout(resolve, 150, { text: 'later' }));
        const sources = [{ function: later }, { function: async () => ({ text: 'at once' }) }];
        const { ask } = await start({ staleAfter: '40ms', fallback: { on: ['stale'], sources } });
        const played = await ask({}, HANG);
        expect(messagesOf(played).map(({ text }) => text)).toEqual(['at once']);
        expect(played.durationMs).toBeLessThan(150);
      }));
  });

  describe('observing', () => {
    it('judges, and delivers', () =>
      steadily(async () => {
        const { ask, counts } = await start({
          mode: 'observe',
          staleAfter: '80ms',
          fallback: { on: ['stale', 'failed'], sources: [{ message: { text: 'hold' } }] },
        });
        expect(messagesOf(await ask({}, { delayMs: 140 })).map(({ text }) => text)).toEqual(['answer 0']);
        expect(counts()).toEqual({ success: 0, failure: 1, ignored: 0 });
      }));

    it('does not hold against the server what this process was late for', () =>
      steadily(async () => {
        const { ask, counts } = await start({ mode: 'observe', staleAfter: '30ms' });
        const pending = ask({}, { delayMs: 5 });
        setTimeout(block, 1, 100);
        expect(messagesOf(await pending)).toHaveLength(1);
        expect(counts()).toEqual({ success: 0, failure: 0, ignored: 1 });
      }));
  });

  describe('another deadline', () => {
    const causes: string[] = [];
    const fallback = {
      on: ['stale', 'failed'] as const,
      sources: [
        {
          function: (_request: unknown, { cause }: FallbackContext) => {
            causes.push(cause);
            return { text: 'instead' };
          },
        },
      ],
    };

    it.each<[string, MethodPolicyOptions, () => Plan, Script]>([
      ['of the caller', {}, () => ({ options: { deadline: Date.now() + 40 } }), HANG],
      ['of the policy', { deadline: '40ms' }, () => ({}), HANG],
      ['of the server', {}, () => ({}), { answers: 0, code: Status.DEADLINE_EXCEEDED, details: 'my database' }],
    ])('%s that is sooner makes a failed call, not a stale one', (_name, policy, plan, script) =>
      steadily(async () => {
        causes.length = 0;
        const { ask } = await start({ staleAfter: '2s', ...policy, fallback });
        expect(fallbackOf(messagesOf(await ask(plan(), script))[0])).toMatchObject({ reason: 'failed' });
        expect(causes).toEqual(['failed']);
        const bare = await start({ staleAfter: '2s', ...policy });
        const { error } = await bare.ask(plan(), script);
        expect(error?.code).toBe(Status.DEADLINE_EXCEEDED);
        expect(errorInfoIn(error?.metadata)).toBeUndefined();
      }),
    );
  });
});
