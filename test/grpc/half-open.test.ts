import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { MethodPolicyOptions } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { attach } from './helpers/attached.ts';
import { codeOf, play } from './helpers/play.ts';
import { steadily } from './helpers/quiet.ts';
import { type Script, scripted } from './helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from './helpers/scripted-server.ts';
import { CALL_TYPES } from './helpers/scripted-service.ts';

// After the open period: so many calls reach the server, counted there, and no more.

const CALLERS = 50;
const TRIALS = 3;
const HANG: Script = { answers: 0, hang: true };
/** Trials decide by their number, and nothing is held back after. */
const PLAIN: MethodPolicyOptions = {
  trip: { consecutiveFailures: 5 },
  openFor: '5s',
  backoff: { max: '1m' },
  rampUp: 0,
};

describe.each(CALL_TYPES)('trials (%s)', (type) => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  /** An open breaker whose open period has just ended. */
  async function due(policy = {}) {
    const clock = new ManualClock(1_000);
    const attached = attach({ ...PLAIN, trials: TRIALS, ...policy }, { clock });
    await attached.open(server.target, [type]);
    const client = attached.connect(server.target);
    const breaker = attached.breaker(server.target, type);
    clock.advance(4_999);
    expect(codeOf(await play(client, type))).toBe(Status.UNAVAILABLE);
    clock.advance(1);
    expect(breaker.snapshot()).toMatchObject({ state: 'open', trialDue: true });
    server.forget();
    return { clock, attached, client, breaker };
  }

  it('of fifty callers at that moment exactly three reach the server', async () => {
    const { attached, client, breaker } = await due();
    const played = await Promise.all(
      Array.from({ length: CALLERS }, () => play(client, type, { metadata: scripted({ delayMs: 30 }) })),
    );
    expect(server.calls).toHaveLength(TRIALS);
    expect(played.filter((call) => codeOf(call) === Status.OK)).toHaveLength(TRIALS);
    expect(breaker.snapshot()).toMatchObject({
      state: 'closed',
      inFlight: 0,
      counts: { rejected: { halfOpen: CALLERS - TRIALS } },
    });
    expect(attached.events.map((event) => event.type === 'transition' && `${event.from} ${event.to}`)).toEqual([
      'closed open',
      'open halfOpen',
      'halfOpen closed',
    ]);
    const { sights } = played.at(-1) as (typeof played)[number];
    expect(sights.find(([what]) => what === 'status')?.[1]).toMatchObject({ details: expect.stringContaining('is half-open') });
  });

  it('a failed one opens it again, and the others’ results come too late to count', async () => {
    const { client, breaker } = await due();
    const slow = [0, 1].map(() => play(client, type, { metadata: scripted({ delayMs: 50 }) }));
    await play(client, type, { metadata: scripted({ answers: 0, code: Status.UNAVAILABLE }) });
    expect(breaker.state).toBe('open');
    for (const played of await Promise.all(slow)) expect(codeOf(played)).toBe(Status.OK);
    expect(breaker.snapshot()).toMatchObject({ state: 'open', inFlight: 0, counts: { success: 3, failure: 1 } });
  });

  it('a hung one does not hold it: at its deadline it has failed', () =>
    steadily(async () => {
      const { client, breaker } = await due();
      const hung = play(client, type, { metadata: scripted(HANG), options: { deadline: Date.now() + 60 } });
      for (let call = 0; call < 2; call++) await play(client, type);
      expect(breaker.state).toBe('halfOpen');
      expect(codeOf(await play(client, type))).toBe(Status.UNAVAILABLE);
      expect(codeOf(await hung)).toBe(Status.DEADLINE_EXCEEDED);
      expect(breaker.snapshot()).toMatchObject({ state: 'open', inFlight: 0 });
      expect(server.calls).toHaveLength(TRIALS);
    }));

  it('a hung one is not waited for longer than its deadline, even if nobody says that it is over', async () => {
    const { clock, attached, client, breaker } = await due();
    const hung = play(client, type, { metadata: scripted(HANG), options: { deadline: Date.now() + 20_000 }, patienceMs: 150 });
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    clock.advance(20_000);
    expect(codeOf(await play(client, type))).toBe(Status.UNAVAILABLE);
    expect(breaker.state).toBe('open');
    expect(attached.events.at(-1)).toMatchObject({ verdict: { reason: 'trialExpired', leaseMs: expect.closeTo(20_000, -2) } });
    await hung;
  });

  it('a hung one without a deadline does not hold it either: its lease ends', async () => {
    const { clock, attached, client, breaker } = await due({ lease: '10s' });
    const hung = play(client, type, { metadata: scripted(HANG), patienceMs: 150 });
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    clock.advance(9_999);
    expect(breaker.snapshot().state).toBe('halfOpen');
    clock.advance(1);
    // Seen at the next call, without a timer.
    expect(codeOf(await play(client, type))).toBe(Status.UNAVAILABLE);
    expect(breaker.state).toBe('open');
    expect(attached.events.at(-1)).toMatchObject({ to: 'open', verdict: { reason: 'trialExpired', leaseMs: 10_000 } });
    clock.advance(10_000); // Twice as long: its second open period in a row.
    for (let call = 0; call < TRIALS; call++) expect(codeOf(await play(client, type))).toBe(Status.OK);
    expect(breaker.state).toBe('closed');
    await hung;
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', inFlight: 0 });
  });

  it('one that its caller cancels gives its place to another', async () => {
    const { client, breaker } = await due({ trials: 1 });
    const cancelled = play(client, type, { metadata: scripted(HANG), cancel: 30 });
    expect(codeOf(await play(client, type))).toBe(Status.UNAVAILABLE);
    await cancelled;
    expect(breaker.state).toBe('halfOpen');
    expect(codeOf(await play(client, type))).toBe(Status.OK);
    expect(breaker.state).toBe('closed');
    expect(server.calls).toHaveLength(2);
  });

  it('a call begun before the trip decides nothing', async () => {
    const clock = new ManualClock(1_000);
    const attached = attach({ ...PLAIN, trials: 1 }, { clock });
    const client = attached.connect(server.target);
    await play(client, type);
    server.forget();
    const early = [Status.OK, Status.UNAVAILABLE].map((code) =>
      play(client, type, { metadata: scripted({ answers: 0, code, delayMs: 60 }) }),
    );
    await vi.waitFor(() => expect(server.calls).toHaveLength(2));
    const breaker = attached.breaker(server.target, type);
    breaker.trip('by the test');
    clock.advance(5_000);
    const trial = play(client, type, { metadata: scripted({ delayMs: 100 }) });
    await Promise.all(early);
    expect(breaker.state).toBe('halfOpen');
    await trial;
    expect(breaker.state).toBe('closed');
  });
});
