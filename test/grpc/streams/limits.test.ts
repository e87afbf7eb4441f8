import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fallbackOf, type MethodPolicyOptions } from '../../../src/index.ts';
import { attach } from '../helpers/attached.ts';
import { codeOf, messagesOf, play } from '../helpers/play.ts';
import { turns } from '../helpers/quiet.ts';
import { scripted } from '../helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import type { CallType } from '../helpers/scripted-service.ts';

// The messages of a stream have to come in time: while its consumer waits for them, and its server owes them.

const POLICY: MethodPolicyOptions = { trip: { consecutiveFailures: 1 }, openFor: '1h', backoff: { max: '1h' }, rampUp: 0 };
const STREAMS: readonly CallType[] = ['download', 'chat'];

describe.each(STREAMS)('the limits of a stream (%s)', (type) => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());
  beforeEach(() => server.forget());

  const detailsOf = (played: Awaited<ReturnType<typeof play>>) => played.error?.details ?? '';
  /** The server hears of a cancel a moment later. */
  const cancelled = async () => {
    for (let wait = 0; wait < 100 && server.calls[0]?.cancelled !== true; wait++) await turns(5);
    return server.calls[0]?.cancelled;
  };

  it('a first message that does not come fails the call, cancels it and counts', async () => {
    const attached = attach({ ...POLICY, stream: { firstMessageWithin: '60ms' } });
    const played = await play(attached.connect(server.target), type, { metadata: scripted({ hang: true, answers: 0 }) });
    expect(codeOf(played)).toBe(Status.DEADLINE_EXCEEDED);
    expect(detailsOf(played)).toMatch(/^no message of the stream came within 60 ms \(stream\.firstMessageWithin\)/);
    expect(played.durationMs).toBeGreaterThanOrEqual(60);
    expect(played.durationMs).toBeLessThan(1_000);
    expect(await cancelled()).toBe(true);
    const { state, verdict, counts, inFlight } = attached.breaker(server.target, type).snapshot();
    expect({ state, reason: verdict?.reason, failures: counts.failure, inFlight }).toEqual({
      state: 'open',
      reason: 'consecutiveFailures',
      failures: 1,
      inFlight: 0,
    });
  });

  it('so does a gap between two messages, which are delivered as they came', async () => {
    const attached = attach({ ...POLICY, stream: { messageGap: '60ms', firstMessageWithin: '5s' } });
    const played = await play(attached.connect(server.target), type, {
      metadata: scripted({ answers: 3, gapMs: 5, hang: true }),
    });
    expect(messagesOf(played).map(({ text }) => text)).toEqual(['answer 0', 'answer 1', 'answer 2']);
    expect(codeOf(played)).toBe(Status.DEADLINE_EXCEEDED);
    expect(detailsOf(played)).toMatch(/^no further message of the stream came within 60 ms \(stream\.messageGap\)/);
    expect(await cancelled()).toBe(true);
    expect(attached.breaker(server.target, type).snapshot()).toMatchObject({ state: 'open', counts: { failure: 1, success: 0 } });
  });

  it('a stream that keeps within them is left alone, however long it takes', async () => {
    const attached = attach({ ...POLICY, stream: { messageGap: '150ms', firstMessageWithin: '150ms' } });
    const played = await play(attached.connect(server.target), type, { metadata: scripted({ answers: 12, gapMs: 30 }) });
    expect(codeOf(played)).toBe(Status.OK);
    expect(messagesOf(played)).toHaveLength(12);
    expect(attached.breaker(server.target, type).snapshot().counts).toMatchObject({ success: 1, failure: 0 });
  });

  it('before the first message the fallback answers', async () => {
    const attached = attach({
      ...POLICY,
      stream: { firstMessageWithin: '40ms' },
      fallback: { on: 'failed', sources: [{ function: () => [{ text: 'short' }, { text: 'answer' }] }] },
    });
    const played = await play(attached.connect(server.target), type, { metadata: scripted({ hang: true, answers: 0 }) });
    expect(codeOf(played)).toBe(Status.OK);
    expect(messagesOf(played).map(({ text }) => text)).toEqual(['short', 'answer']);
    expect(fallbackOf(messagesOf(played)[0])).toMatchObject({ source: 'function', reason: 'failed' });
    expect(await cancelled()).toBe(true);
  });

  it('observing, they change nothing', async () => {
    const attached = attach({ ...POLICY, mode: 'observe', stream: { firstMessageWithin: '20ms', messageGap: '20ms' } });
    const played = await play(attached.connect(server.target), type, {
      metadata: scripted({ answers: 2, delayMs: 80, gapMs: 80 }),
    });
    expect(codeOf(played)).toBe(Status.OK);
    expect(messagesOf(played)).toHaveLength(2);
  });

  it('the time in which this process is blocked does not count', async () => {
    const attached = attach({ ...POLICY, stream: { firstMessageWithin: '100ms', messageGap: '100ms' } });
    const client = attached.connect(server.target);
    await play(client, type);
    const call = play(client, type, { metadata: scripted({ answers: 3, gapMs: 10, delayMs: 10 }) });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const until = performance.now() + 250;
    while (performance.now() < until);
    expect(codeOf(await call)).toBe(Status.OK);
    expect(attached.breaker(server.target, type).snapshot().counts.failure).toBe(0);
  });

  it('a consumer that reads nothing blames nobody', async () => {
    const attached = attach({ ...POLICY, stream: { firstMessageWithin: '30ms', messageGap: '30ms' } });
    const played = await play(attached.connect(server.target), type, {
      metadata: scripted({ answers: 50, size: 100_000 }),
      reads: 0,
      cancel: 200,
    });
    expect(codeOf(played)).toBe(Status.CANCELLED);
    expect(attached.breaker(server.target, type).snapshot().counts).toMatchObject({ failure: 0, ignored: 1 });
  });

  it('the caller may cancel before they are passed', async () => {
    const attached = attach({ ...POLICY, stream: { firstMessageWithin: '100ms' } });
    const played = await play(attached.connect(server.target), type, {
      metadata: scripted({ hang: true, answers: 0 }),
      cancel: 20,
    });
    expect(codeOf(played)).toBe(Status.CANCELLED);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(played.sights.filter(([what]) => what === 'status')).toHaveLength(1);
    expect(attached.breaker(server.target, type).snapshot().counts.failure).toBe(0);
  });
});

describe('a bidi stream', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  it('whose requests are all answered may be silent for as long as it likes', async () => {
    const attached = attach({ ...POLICY, stream: { messageGap: '30ms', firstMessageWithin: '1s' } });
    const played = await play(attached.connect(server.target), 'chat', {
      requests: [{ model_name: 'a' }, { model_name: 'b' }, { model_name: 'c' }],
      requestGapMs: 120,
      metadata: scripted({ echo: true, early: false }),
    });
    expect(codeOf(played)).toBe(Status.OK);
    expect(messagesOf(played).map(({ text }) => text)).toEqual(['a', 'b', 'c']);
  });

  it('that owes an answer is held to it', async () => {
    const attached = attach({ ...POLICY, stream: { messageGap: '60ms' } });
    const played = await play(attached.connect(server.target), 'chat', {
      requests: [{}, {}, {}],
      metadata: scripted({ early: true, answers: 1, hang: true }),
      keepOpen: true,
    });
    expect(codeOf(played)).toBe(Status.DEADLINE_EXCEEDED);
    expect(messagesOf(played)).toHaveLength(1);
  });
});
