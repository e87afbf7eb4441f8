import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fallbackOf, type MethodPolicyOptions } from '../../../src/index.ts';
import { attach } from '../helpers/attached.ts';
import { codeOf, messagesOf, play } from '../helpers/play.ts';
import { turns } from '../helpers/quiet.ts';
import { scripted } from '../helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { type Answer, CALL_TYPES, receivesStream } from '../helpers/scripted-service.ts';
import { only } from './helpers/opened.ts';

// Failures that a server reports in its messages, under status OK.

const POLICY: MethodPolicyOptions = { trip: { consecutiveFailures: 2 }, openFor: '1h', backoff: { max: '1h' }, rampUp: 0 };

describe.each(CALL_TYPES)('a failure inside a message (%s)', (type) => {
  const isStream = receivesStream(type);
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());
  const breakerAfter = async (failureWhen: NonNullable<MethodPolicyOptions['failureWhen']>, functions = {}) => {
    const attached = attach({ ...POLICY, failureWhen }, { functions });
    const played = await play(attached.connect(server.target), type);
    return { attached, played, counts: attached.breaker(server.target, type).snapshot().counts };
  };

  it.each([
    ['a field that is set', 'response.text', 1],
    ['a field that is not', 'response.note', 0],
    ['a number that is 0', 'response.item_index', 0],
    ['an empty list', 'response.weights', 0],
    ['a 64-bit 0', 'response.volume', 0],
  ] as const)('by %s: %s', async (_, field, failures) => {
    const { counts, attached } = await breakerAfter(field);
    expect(counts).toMatchObject({ failure: failures, success: 1 - failures });
    expect(attached.warnings).toEqual([]);
  });

  it('by a function, and by the name of one', async () => {
    const judge = (response: Answer) => response.text === 'answer 0';
    expect((await breakerAfter(judge)).counts.failure).toBe(1);
    expect((await breakerAfter('judge', { judge })).counts.failure).toBe(1);
  });

  it('is not looked for where no message came', async () => {
    const attached = attach({ ...POLICY, failureWhen: (response: Answer) => response.text === 'sick' });
    await play(attached.connect(server.target), type, { metadata: scripted({ answers: 0, code: Status.NOT_FOUND }) });
    expect(attached.breaker(server.target, type).snapshot().counts).toMatchObject({ success: 1, failure: 0 });
    expect(attached.warnings).toEqual([]);
  });

  it('is delivered as it is, and trips', async () => {
    const attached = attach({ ...POLICY, failureWhen: 'response.text' });
    const client = attached.connect(server.target);
    for (let call = 0; call < 2; call++) {
      const played = await play(client, type);
      expect([codeOf(played), messagesOf(played).map(({ text }) => text)]).toEqual([Status.OK, ['answer 0']]);
    }
    expect(attached.breaker(server.target, type).snapshot()).toMatchObject({ state: 'open', counts: { failure: 2, success: 0 } });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['is asynchronous', async () => true],
    ['says neither', () => 'yes'],
  ] as [string, () => unknown][])('a function that %s says no, once aloud', async (_, broken) => {
    const attached = attach({ ...POLICY, failureWhen: broken as () => boolean });
    const client = attached.connect(server.target);
    for (let call = 0; call < 3; call++) expect(codeOf(await play(client, type))).toBe(Status.OK);
    await turns(2);
    expect(attached.breaker(server.target, type).snapshot().counts).toMatchObject({ success: 3, failure: 0 });
    expect(attached.warnings).toEqual([expect.stringContaining('failureWhen failed; the status decides (said once)')]);
  });

  const single = isStream ? [] : [type];
  const streamed = isStream ? [type] : [];

  it.each(single)('is replaced by the fallback, where there is one response (%s)', async () => {
    const attached = attach({
      ...POLICY,
      failureWhen: 'response.text',
      fallback: { on: ['failed'], sources: [{ message: { note: 'default' } }] },
    });
    const [answer] = messagesOf(await play(attached.connect(server.target), type));
    expect(answer).toMatchObject({ note: 'default', text: '' });
    expect(fallbackOf(answer)).toMatchObject({ source: 'message', reason: 'failed' });
    expect(attached.breaker(server.target, type).snapshot().counts).toMatchObject({ failure: 1, success: 0 });
  });

  it.each(single)('is delivered where no source has an answer, and good ones are, too (%s)', async () => {
    const attached = attach({
      ...POLICY,
      failureWhen: 'response.note',
      fallback: { on: ['failed'], sources: [{ function: () => undefined }] },
    });
    const client = attached.connect(server.target);
    const bad = await play(client, type, { metadata: scripted({ note: { at: 0, text: 'the model failed' } }) });
    expect([codeOf(bad), messagesOf(bad)]).toMatchObject([Status.OK, [{ text: 'answer 0', note: 'the model failed' }]]);
    const good = await play(client, type);
    expect([codeOf(good), fallbackOf(messagesOf(good)[0])]).toEqual([Status.OK, undefined]);
    expect(attached.breaker(server.target, type).snapshot().counts).toMatchObject({ failure: 1, success: 1 });
  });

  it.each(streamed)('in a later message, is delivered in its place, and what follows is, too (%s)', async () => {
    const script = scripted({ answers: 3, note: { at: 1, text: 'the model failed' } });
    const attached = attach({ ...POLICY, failureWhen: 'response.note' });
    const played = await play(attached.connect(server.target), type, { metadata: script });
    expect([codeOf(played), played.error]).toEqual([Status.OK, undefined]);
    expect(messagesOf(played).map(({ item_index, note }) => [item_index, note])).toEqual([
      [0, undefined],
      [1, 'the model failed'],
      [2, undefined],
    ]);
    expect(attached.breaker(server.target, type).snapshot().counts).toMatchObject({ failure: 1, success: 0 });
  });

  it.each(streamed)('in a later message, is followed by the fallback where it is to be appended (%s)', async () => {
    const attached = attach({
      ...POLICY,
      ...only(type),
      failureWhen: 'response.note',
      stream: { midStream: 'append' },
      fallback: { on: ['failed'], sources: [{ messages: [{ text: 'x' }] }] },
    });
    const client = attached.connect(server.target);
    const failed = await play(client, type, { metadata: scripted({ answers: 2, note: { at: 1, text: 'the model failed' } }) });
    expect([codeOf(failed), messagesOf(failed).map(({ text }) => text)]).toEqual([Status.OK, ['answer 0', 'answer 1', 'x']]);
    expect(messagesOf(failed).map((message) => fallbackOf(message)?.reason)).toEqual([undefined, undefined, 'failed']);
    const good = await play(client, type, { metadata: scripted({ answers: 2 }) });
    expect(messagesOf(good).map(({ text }) => text)).toEqual(['answer 0', 'answer 1']);
    expect(attached.breaker(server.target, type).snapshot().counts).toMatchObject({ failure: 1, success: 1 });
  });

  it.each(streamed)('counts once, though several messages report one, and the status does, too (%s)', async () => {
    const attached = attach({ ...POLICY, failureWhen: 'response.text' });
    const script = scripted({ answers: 3, code: Status.INTERNAL });
    const played = await play(attached.connect(server.target), type, { metadata: script });
    expect([codeOf(played), messagesOf(played).length]).toEqual([Status.INTERNAL, 3]);
    expect(attached.breaker(server.target, type).snapshot()).toMatchObject({
      state: 'closed',
      counts: { failure: 1, success: 0 },
    });
  });

  it.each(streamed)('is heard while the stream goes on, and counts once (%s)', async () => {
    const attached = attach({ ...POLICY, trip: { consecutiveFailures: 1 }, failureWhen: 'response.text' });
    const call = play(attached.connect(server.target), type, { metadata: scripted({ answers: 3, gapMs: 60 }) });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { state, inFlight } = attached.breaker(server.target, type).snapshot();
    expect({ state, inFlight }).toEqual({ state: 'open', inFlight: 0 });
    expect(codeOf(await call)).toBe(Status.OK);
    expect(messagesOf(await call)).toHaveLength(3);
    expect(attached.breaker(server.target, type).snapshot().counts).toMatchObject({ failure: 1, success: 0, ignored: 0 });
  });

  it.each(streamed)('is no success of a trial (%s)', async () => {
    const attached = attach({
      ...POLICY,
      trip: { consecutiveFailures: 1 },
      openFor: '1ms',
      trials: 1,
      failureWhen: 'response.text',
    });
    const client = attached.connect(server.target);
    await play(client, type);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await play(client, type);
    expect(attached.events.map((event) => event.type === 'transition' && event.verdict.reason)).toEqual([
      'consecutiveFailures',
      'openPeriodOver',
      'trialFailed',
    ]);
  });
});
