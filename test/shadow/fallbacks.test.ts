import { credentials, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BreakersEvent, BreakersOptions, FallbackOptions, MethodPolicyOptions } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { attachAll } from '../grpc/helpers/attached.ts';
import { codeOf, messagesOf, play } from '../grpc/helpers/play.ts';
import { turns } from '../grpc/helpers/quiet.ts';
import { scripted } from '../grpc/helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import {
  CALL_TYPES,
  type CallType,
  methodName,
  receivesStream,
  SCRIPTED,
  sendsStream,
} from '../grpc/helpers/scripted-service.ts';

// Which source would have answered is found out without asking any: nobody's function is called, and no store notices.

const SICK = { answers: 0, code: Status.UNAVAILABLE };

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());
beforeEach(() => server.forget());

/** Breakers that observe one method, and the fallbacks that are told. */
function observing(type: CallType, fallback: FallbackOptions, policy: MethodPolicyOptions = {}, options: BreakersOptions = {}) {
  const clock = new ManualClock(1_000);
  const method = methodName(type).slice(SCRIPTED.length + 1);
  const own: MethodPolicyOptions = {
    mode: 'observe',
    trip: { consecutiveFailures: 1 },
    openFor: '1h',
    jitter: 0,
    backoff: { max: '1h' },
    fallback,
    ...policy,
    name: [{ service: SCRIPTED, method }],
  };
  const attached = attachAll({ methods: [own] }, { clock, ...options });
  const events: BreakersEvent[] = [];
  attached.breakers.subscribe((event) => void events.push(event));
  const client = attached.connect(server.target);
  const told = async () => {
    await turns(3);
    const fallbacks = events.flatMap((event) =>
      event.type === 'shadow' && event.what === 'fallback' ? `${event.source} for ${event.cause}` : [],
    );
    events.length = 0;
    return fallbacks;
  };
  const ask = (script = {}, model = 'iris', cancel?: 'atOnce') =>
    play(client, type, {
      requests: [{ model_name: model }],
      metadata: scripted(script),
      ...(cancel === undefined ? {} : { cancel }),
    });
  return { attached, client, clock, told, ask, breaker: () => attached.breaker(server.target, type) };
}

describe.each(CALL_TYPES)('sources (%s)', (type) => {
  const message = receivesStream(type) ? { messages: [{ text: 'instead' }] } : { message: { text: 'instead' } };

  it('are told for refused and for failed calls, each by what it is for', async () => {
    const sources = [
      { ...message, name: 'hold', when: 'rejected' as const },
      { error: { code: 'ABORTED' as const, message: 'gone' }, name: 'gone' },
    ];
    const { ask, told } = observing(type, { on: ['rejected', 'failed'], sources });
    expect(codeOf(await ask(SICK))).toBe(Status.UNAVAILABLE);
    expect(await told()).toEqual(['gone for failed']);
    expect(codeOf(await ask(SICK))).toBe(Status.UNAVAILABLE);
    // Once for each call: it would have been refused, so that it could not have failed.
    expect(await told()).toEqual(['hold for rejected']);
  });

  it('that are functions or calls are not asked, and taken to have an answer', async () => {
    const never = () => {
      throw new Error('nobody is to call it');
    };
    const other = { target: '127.0.0.1:1', credentials: credentials.createInsecure() };
    const sources = [
      { function: never, name: 'own', when: 'rejected' as const },
      // Requests that are streamed cannot be made again.
      sendsStream(type) ? { function: never, name: 'other' } : { call: { client: other }, name: 'other' },
    ];
    const { ask, told, attached } = observing(type, { on: ['rejected', 'failed'], sources });
    await ask(SICK);
    await ask(SICK);
    expect(await told()).toEqual(['other for failed', 'own for rejected']);
    expect(attached.warnings).toEqual([]);
    expect(attached.breakers.list()).toHaveLength(1);
  });

  it('are not told for calls that their caller has cancelled', async () => {
    const { ask, told, breaker } = observing(type, { on: ['rejected', 'failed'], sources: [{ ...message, name: 'hold' }] });
    await ask(SICK);
    await told();
    await ask({ hang: true, answers: 0 }, 'iris', 'atOnce');
    expect(await told()).toEqual([]);
    expect(breaker().snapshot().counts.wouldReject.open).toBe(1);
  });

  it('are not told where a person forces the breaker open: that fallback is real', async () => {
    const { ask, told, breaker } = observing(type, { on: ['rejected'], sources: [{ ...message, name: 'hold' }] });
    await ask();
    breaker().override('forcedOpen');
    expect(messagesOf(await ask()).map(({ text }) => text)).toEqual(['instead']);
    expect(await told()).toEqual([]);
  });
});

describe('stored answers', () => {
  const lastGood = (more = {}): FallbackOptions => ({
    on: ['rejected', 'failed'],
    sources: [
      { lastGood: { maxAge: '1m', identity: [], ...more }, name: 'stored' },
      { message: { text: 'hold' }, name: 'hold' },
    ],
  });

  it('are found by their question, and are too old when they are', async () => {
    const { ask, told, clock } = observing('unary', lastGood());
    await ask();
    await ask(SICK, 'rose');
    await ask(SICK);
    expect(await told()).toEqual(['hold for failed', 'stored for rejected']);
    clock.advance(60_000);
    await ask(SICK);
    expect(await told()).toEqual(['stored for rejected']);
    clock.advance(1);
    await ask(SICK);
    expect(await told()).toEqual(['hold for rejected']);
  });

  it('are not those of calls that would have been refused', async () => {
    const { ask, told } = observing('unary', lastGood());
    await ask(SICK);
    expect(codeOf(await ask())).toBe(Status.OK);
    await ask(SICK);
    expect(await told()).toEqual(['hold for failed', 'hold for rejected', 'hold for rejected']);
  });

  it('are not used by that: the one that was asked for least lately goes first', async () => {
    const { ask, told, breaker } = observing('unary', lastGood({ maxEntries: 2 }), { trip: { consecutiveFailures: 9 } });
    await ask({}, 'iris');
    await ask({}, 'rose');
    await ask(SICK, 'iris');
    await ask({}, 'lily');
    expect(await told()).toEqual(['stored for failed']);
    await ask(SICK, 'iris');
    expect(await told()).toEqual(['hold for failed']);
    expect(breaker().state).toBe('closed');
  });

  it('are there when the policy is enforced', async () => {
    const { ask, attached, breaker } = observing('unary', lastGood());
    const { text } = messagesOf(await ask())[0] ?? {};
    const [method] = attached.breakers.policy.methods ?? [];
    attached.breakers.reload({ methods: [{ ...method, mode: 'enforce' }] });
    breaker().trip('by the test');
    server.forget();
    expect(messagesOf(await ask()).map((answer) => answer.text)).toEqual([text]);
    expect(server.calls).toEqual([]);
  });
});
