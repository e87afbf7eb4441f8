import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fallbackOf, type MethodPolicyOptions, type PolicyEvent } from '../../src/index.ts';
import { attach } from '../grpc/helpers/attached.ts';
import { codeOf, messagesOf, play } from '../grpc/helpers/play.ts';
import { turns } from '../grpc/helpers/quiet.ts';
import { scripted } from '../grpc/helpers/script.ts';
import { startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { CALL_TYPES, methodName, receivesStream, SCRIPTED } from '../grpc/helpers/scripted-service.ts';

type Server = Awaited<ReturnType<typeof startScriptedServer>>;

const FAILING = scripted({ answers: 0, code: Status.UNAVAILABLE, details: 'sick' });
const STRICT = { trip: { consecutiveFailures: 1 }, openFor: '1h', backoff: { max: '1h' }, jitter: 0 } as const;

let server: Server;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

describe.each(CALL_TYPES)('another policy (%s)', (type) => {
  const name = [{ service: SCRIPTED, method: methodName(type).slice(SCRIPTED.length + 1) }];
  const instead = (text: string, on?: 'failed') => ({
    ...STRICT,
    name,
    fallback: {
      ...(on === undefined ? {} : { on: [on] }),
      sources: [receivesStream(type) ? { messages: [{ text }] } : { message: { text } }],
    },
  });

  it('keeps an open breaker open, and answers by its own fallback', async () => {
    const { breakers, connect, breaker } = attach(instead('before'));
    const client = connect(server.target);
    await play(client, type, { metadata: FAILING });
    const before = await play(client, type, {});
    expect(messagesOf(before).map(({ text }) => text)).toEqual(['before']);
    const { inStateMs } = breaker(server.target, type).snapshot();
    expect(breakers.reload({ methods: [instead('after')] })).toMatchObject({ result: 'applied', kept: 1, ended: 0 });
    const after = await play(client, type, {});
    expect(messagesOf(after).map(({ text }) => text)).toEqual(['after']);
    expect(fallbackOf(messagesOf(after)[0] as object)?.reason).toBe('rejected');
    const snapshot = breaker(server.target, type).snapshot();
    expect(snapshot).toMatchObject({ state: 'open', counts: { failure: 1, rejected: { open: 2 } } });
    expect(snapshot.inStateMs).toBeGreaterThanOrEqual(inStateMs);
  });

  it('leaves calls that are under way to the one that they began with', async () => {
    const { breakers, connect, breaker } = attach({ ...STRICT, name });
    const client = connect(server.target);
    await play(client, type, {});
    const underWay = play(client, type, { metadata: scripted({ delayMs: 120 }) });
    const failing = play(client, type, { metadata: scripted({ delayMs: 60, answers: 0, code: Status.INTERNAL }) });
    await turns(3);
    breakers.reload({ methods: [{ ...instead('after', 'failed'), deadline: '10ms' }] });
    // The new one has a deadline of 10 ms, and a fallback for failures; these have neither.
    expect(codeOf(await failing)).toBe(Status.INTERNAL);
    expect(codeOf(await underWay)).toBe(Status.OK);
    expect(breaker(server.target, type).snapshot()).toMatchObject({
      state: 'open',
      inFlight: 0,
      counts: { success: 2, failure: 1 },
    });
  });

  it('observes, enforces, and lets go', async () => {
    const { breakers, connect, breaker } = attach({ ...STRICT, name, mode: 'observe' });
    const client = connect(server.target);
    for (let call = 0; call < 3; call++) await play(client, type, { metadata: FAILING });
    expect(breaker(server.target, type).snapshot()).toMatchObject({
      state: 'open',
      counts: { failure: 3, wouldReject: { open: 2 } },
    });
    // What it would have refused it refuses from now on: the rollout of a policy that proved itself in shadow.
    breakers.reload({ methods: [{ ...STRICT, name }] });
    expect(codeOf(await play(client, type, {}))).toBe(Status.UNAVAILABLE);
    const event = breakers.reload({ methods: [{ ...STRICT, name, mode: 'off' }] });
    expect(event).toMatchObject({ kept: 0, ended: 1, changes: [{ path: 'methods[0].mode', from: undefined, to: 'off' }] });
    expect(codeOf(await play(client, type, {}))).toBe(Status.OK);
    expect(breakers.list()).toEqual([]);
    breakers.reload({ methods: [{ ...STRICT, name }] });
    expect(codeOf(await play(client, type, {}))).toBe(Status.OK);
    expect(breaker(server.target, type).snapshot()).toMatchObject({ state: 'closed', counts: { success: 1 } });
  });

  it('is refused whole, and changes nothing', async () => {
    const { breakers, connect, breaker } = attach(instead('before'));
    const heard: PolicyEvent[] = [];
    breakers.subscribe((event) => void (event.type === 'policy' && heard.push(event)));
    const client = connect(server.target);
    await play(client, type, { metadata: FAILING });
    const { policy } = breakers;
    const next = { maxBreakers: 5, methods: [{ ...instead('after'), fallback: { sources: [{ message: { txt: 'after' } }] } }] };
    expect(() => breakers.reload(next)).toThrow(/did you mean|txt/);
    expect(breakers.policy).toBe(policy);
    expect(messagesOf(await play(client, type, {})).map(({ text }) => text)).toEqual(['before']);
    expect(breaker(server.target, type).state).toBe('open');
    await turns(2);
    expect(heard).toMatchObject([{ result: 'refused', source: 'policy', changes: [], kept: 1, ended: 0 }]);
    expect(heard[0]?.problems.length).toBeGreaterThan(0);
  });
});

describe('stored answers', () => {
  const policyWith = (maxAge: '1h' | '2h', openFor: '1h' | '2h', key?: readonly string[]): MethodPolicyOptions => ({
    ...STRICT,
    openFor,
    backoff: { max: '2h' },
    name: [{ service: SCRIPTED, method: 'Unary' }],
    fallback: { sources: [{ lastGood: { maxAge, ...(key === undefined ? {} : { key }) } }] },
  });

  it('outlive a reload, in the middle of an outage too, as long as their keys are made alike', async () => {
    const { breakers, connect } = attach(policyWith('1h', '1h'));
    const client = connect(server.target);
    const good = messagesOf(await play(client, 'unary', { requests: [{ model_name: 'iris' }] }));
    await play(client, 'unary', { requests: [{ model_name: 'iris' }], metadata: FAILING });
    breakers.reload({ methods: [policyWith('2h', '2h')] });
    const after = await play(client, 'unary', { requests: [{ model_name: 'iris' }] });
    expect(messagesOf(after)).toEqual(good);
    expect(fallbackOf(messagesOf(after)[0] as object)?.source).toBe('lastGood');
    breakers.reload({ methods: [policyWith('2h', '2h', ['model_name'])] });
    expect(codeOf(await play(client, 'unary', { requests: [{ model_name: 'iris' }] }))).toBe(Status.UNAVAILABLE);
  });
});

it('is not applied in the middle of another one', async () => {
  const { breakers, connect, breaker } = attach(STRICT);
  await play(connect(server.target), 'unary', {});
  let refused: unknown;
  breaker(server.target, 'unary').subscribe(() => {
    try {
      breakers.reload({ methods: [{ ...STRICT, openFor: '3h' }] });
    } catch (error) {
      refused = error;
    }
  });
  breakers.reload({ methods: [{ ...STRICT, mode: 'observe' }] });
  expect(String(refused)).toContain('reload in a later one');
  expect(breakers.policy.methods?.[0]?.mode).toBe('observe');
});
