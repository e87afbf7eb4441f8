import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { NO_OBSERVER } from '../../src/policy/observers.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { attach, ready } from './helpers/attached.ts';
import { type Plan, play } from './helpers/play.ts';
import { steadily } from './helpers/quiet.ts';
import { register } from './helpers/registered.ts';
import { type Script, scripted } from './helpers/script.ts';
import { forkScriptedServer, type ScriptedServerProcess } from './helpers/scripted-server-process.ts';
import { CALL_TYPES, type CallType, type ScriptedClient } from './helpers/scripted-service.ts';

// A call that is still under way is slow as soon as it is older than the limit, and not only when it ends.

const HANG: Script = { answers: 0, hang: true };
const slowCallRate = { slowerThan: '50ms', threshold: '100%', window: { calls: 3 }, minCalls: 3 } as const;
const LONG = { openFor: '1h', backoff: { max: '1h' } } as const;

let server: ScriptedServerProcess;
beforeAll(async () => {
  server = await forkScriptedServer();
});
afterAll(() => server.kill());

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Three calls that end by the hand of the caller. */
function three(client: ScriptedClient, type: CallType, plan: Plan): Promise<unknown> {
  return Promise.all([1, 2, 3].map(() => play(client, type, { cancel: 200, metadata: scripted(HANG), ...plan })));
}

describe.each(CALL_TYPES)('calls under way (%s)', (type) => {
  it('trip a breaker before their deadline, whatever they end with', () =>
    steadily(async () => {
      const attached = attach({ trip: { slowCallRate }, ...LONG });
      const client = attached.connect(server.target);
      await ready(client);
      const calls = three(client, type, { options: { deadline: Date.now() + 1_000 }, cancel: 300 });
      await pause(40);
      expect(attached.breaker(server.target, type).state).toBe('closed');
      await pause(80);
      const breaker = attached.breaker(server.target, type);
      expect(breaker.verdict).toMatchObject({ reason: 'slowCallRate', slow: 3, calls: 3 });
      expect(breaker.snapshot()).toMatchObject({ inFlight: 3, counts: { failure: 0, ignored: 0 } });
      await calls;
      expect(breaker.snapshot().counts).toMatchObject({ failure: 0, ignored: 3 });
    }));

  it('count once: what was slow under way is not slow again at its end', () =>
    steadily(async () => {
      const attached = attach({ trip: { slowCallRate: { ...slowCallRate, threshold: '50%', window: { calls: 10 } } } });
      const client = attached.connect(server.target);
      await ready(client);
      await Promise.all([1, 2].map(() => play(client, type, { metadata: scripted({ delayMs: 120 }) })));
      const [condition] = attached.breaker(server.target, type).snapshot().conditions;
      expect(condition).toMatchObject({ calls: 2, value: 1 });
    }));

  it('are told to telemetry once, before their breaker hears of them', () =>
    steadily(async () => {
      const slow: string[] = [];
      const observer = {
        ...NO_OBSERVER,
        callSlow: (_: unknown, { breaker }: { breaker: { state: string } }) => slow.push(breaker.state),
      };
      const registered = register({ trip: { slowCallRate }, ...LONG }, { observer });
      const client = registered.connect(server.target);
      await ready(client);
      await three(client, type, { cancel: 150 });
      expect(slow).toEqual(['closed', 'closed', 'closed']);
      expect(registered.entries()[0]?.breaker.state).toBe('open');
    }));

  it('change nothing while observing, but are judged', () =>
    steadily(async () => {
      const attached = attach({ trip: { slowCallRate }, mode: 'observe', ...LONG });
      const client = attached.connect(server.target);
      await ready(client);
      await three(client, type, { cancel: 120 });
      expect(attached.breaker(server.target, type).snapshot()).toMatchObject({ state: 'open', counts: { ignored: 3 } });
    }));
});

describe('a call is not late', () => {
  const ROWS: readonly { name: string; types: readonly CallType[]; plan: Plan }[] = [
    { name: 'after its first message', types: ['download', 'chat'], plan: { metadata: scripted({ hang: true }) } },
    { name: 'before its caller has sent everything', types: ['upload'], plan: { keepOpen: true } },
    { name: 'before its consumer reads', types: ['download', 'chat'], plan: { reads: 0 } },
    { name: 'before a request was sent', types: ['chat'], plan: { requests: [], keepOpen: true } },
    {
      name: 'after a new request',
      types: ['chat'],
      plan: { requests: Array.from({ length: 12 }, () => ({})), requestGapMs: 20 },
    },
  ];
  const rows = ROWS.flatMap((row) => row.types.map((type) => ({ ...row, type })));
  it.each(rows)('$name ($type)', ({ type, plan }) =>
    steadily(async () => {
      const attached = attach({ trip: { slowCallRate }, ...LONG });
      const client = attached.connect(server.target);
      await ready(client);
      await three(client, type, plan);
      expect(attached.breaker(server.target, type).snapshot()).toMatchObject({ state: 'closed', counts: { ignored: 3 } });
      expect(attached.breaker(server.target, type).snapshot().conditions[0]?.value).toBe(0);
    }),
  );
});

it('a chat that asks again and again does not hide those behind it', () =>
  steadily(async () => {
    const slow: unknown[] = [];
    const registered = register(
      { trip: { slowCallRate } },
      { observer: { ...NO_OBSERVER, callStarted: () => ({}), callSlow: (call) => slow.push(call) } },
    );
    const client = registered.connect(server.target);
    await ready(client);
    const requests = Array.from({ length: 12 }, () => ({}));
    const asking = play(client, 'chat', { metadata: scripted(HANG), requests, requestGapMs: 20, keepOpen: true, cancel: 240 });
    await pause(30);
    const silent = play(client, 'chat', { metadata: scripted(HANG), cancel: 150 });
    await Promise.all([asking, silent]);
    expect(slow).toHaveLength(1);
  }));

/** The timers of ours: nothing else in these tests has one of 10 ms. */
function spyOnTicks() {
  const spy = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => spy.mockRestore());
  return () => spy.mock.calls.flatMap(([, ms], index) => (ms === 10 ? [spy.mock.results[index]?.value as NodeJS.Timeout] : []));
}

describe('the tick', () => {
  it('is one timer for all calls, keeps no process alive, and ends with the calls', async () => {
    const ticks = spyOnTicks();
    const attached = attach({ trip: { slowCallRate: { ...slowCallRate, slowerThan: '5s' } } });
    const clients = [attached.connect(server.target), attached.connect(server.target)];
    await Promise.all(
      clients.flatMap((client) =>
        Array.from({ length: 50 }, () => play(client, 'unary', { metadata: scripted({ delayMs: 30 }) })),
      ),
    );
    expect(ticks()).toHaveLength(1);
    const [tick] = ticks();
    expect(tick?.hasRef()).toBe(false);
    await pause(30);
    const refresh = vi.spyOn(tick as NodeJS.Timeout, 'refresh');
    await pause(50);
    expect(refresh).toHaveBeenCalledTimes(0);
    await play(clients[0] as ScriptedClient, 'unary', { metadata: scripted({ delayMs: 50 }) });
    expect(refresh.mock.calls.length).toBeGreaterThanOrEqual(3);
    expect(ticks()).toHaveLength(1);
  });

  it('does not run for a stream that has been answered, however long it stays', async () => {
    const ticks = spyOnTicks();
    const client = attach().connect(server.target);
    const stream = play(client, 'download', { metadata: scripted({ hang: true }), cancel: 200 });
    await pause(120);
    const refresh = vi.spyOn(ticks()[0] as NodeJS.Timeout, 'refresh');
    await stream;
    expect(refresh).toHaveBeenCalledTimes(0);
  });

  it('is none where the policy is off', async () => {
    const ticks = spyOnTicks();
    await play(attach({ mode: 'off' }).connect(server.target), 'unary');
    expect(ticks()).toEqual([]);
  });

  it('goes on after dispose: clients stay protected', () =>
    steadily(async () => {
      const attached = attach({ trip: { slowCallRate }, ...LONG });
      const client = attached.connect(server.target);
      await ready(client);
      attached.breakers.dispose();
      await three(client, 'unary', { cancel: 150 });
      expect(attached.breaker(server.target, 'unary').state).toBe('open');
    }));

  it('lets calls go on when the clock or a breaker throws, and says so once', async () => {
    let isBroken = false;
    const clock = {
      now: () => {
        if (isBroken) throw new Error('no time');
        return performance.now();
      },
    };
    const registered = register({ trip: { slowCallRate } }, { clock });
    const client = registered.connect(server.target);
    const call = play(client, 'unary', { metadata: scripted({ delayMs: 150 }) });
    await pause(30);
    isBroken = true;
    await pause(40);
    isBroken = false;
    const [entry] = registered.entries();
    const watch = vi.spyOn(entry?.breaker as NonNullable<typeof entry>['breaker'], 'watch').mockImplementation(() => {
      throw new Error('no judgement');
    });
    expect((await call).error).toBe(undefined);
    expect(watch).toHaveBeenCalledTimes(1);
    expect(registered.warnings).toEqual(['watching calls under way failed; they go on (said once): no time']);
    expect(entry?.breaker.snapshot()).toMatchObject({ inFlight: 0, counts: { success: 1 } });
  });

  it('takes a clock that a test moves for what it is: the calls have become older', async () => {
    const clock = new ManualClock(1_000);
    const attached = attach({ trip: { slowCallRate }, ...LONG }, { clock });
    const client = attached.connect(server.target);
    await ready(client);
    const calls = three(client, 'unary', { cancel: 100 });
    await pause(30);
    expect(attached.breaker(server.target, 'unary').state).toBe('closed');
    clock.advance(51);
    await vi.waitFor(() => expect(attached.breaker(server.target, 'unary').state).toBe('open'));
    await calls;
  });
});
