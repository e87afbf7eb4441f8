import { describe, expect, it, onTestFinished } from 'vitest';
import { type BreakersOptions, createBreakers, type Policy, type Signal, type SignalListener } from '../../src/index.ts';
import { parsePolicy } from '../../src/policy/policy.ts';
import { BreakerRegistry } from '../../src/policy/registry.ts';
import { SignalHub } from '../../src/policy/signal-hub.ts';
import { findSignals } from '../../src/policy/signal-watches.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { problemsOf } from './helpers.ts';

/** A signal that says what the test makes it say. */
class HandSignal implements Signal {
  readonly listeners = new Set<SignalListener>();

  subscribe(listener: SignalListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  say(reading: unknown): void {
    for (const listener of this.listeners) listener.reading(reading as never);
  }

  fail(error: unknown): void {
    for (const listener of this.listeners) listener.failed(error);
  }
}

const FIRING = { firing: true, message: '91 degrees', value: 91, threshold: 85 };
const POLICY = {
  methods: [
    { name: [{ service: 'a.Hot' }], trip: { signal: 'hot' } },
    { name: [{ service: 'b.Both' }], trip: { signal: ['hot', 'deploying'], consecutiveFailures: 5 } },
    { name: [{}] },
  ],
} as const;

/** A hub over breakers of services a.Hot, b.Both and c.Other. */
function rig(policy: Policy = POLICY, prometheus?: BreakersOptions['prometheus']) {
  const clock = new ManualClock(1_000);
  const signals = { hot: new HandSignal(), deploying: new HandSignal() };
  const warnings: string[] = [];
  const parsed = parsePolicy(policy);
  const registry = new BreakerRegistry(100, { clock, random: () => 0.5, onListenerError: () => {} });
  const { watches, problems } = findSignals(parsed, { signals, prometheus });
  const hub = new SignalHub(watches, registry, clock, (message) => warnings.push(message));
  onTestFinished(() => hub.dispose());
  const breakerOf = (service: string) => {
    const method = parsed.methods.find(({ names }) => names[0]?.service === service) ?? parsed.methods.at(-1);
    if (method === undefined) throw new Error(service);
    return registry.acquire(service, method, 'target', `${service}/Any`).breaker;
  };
  return { clock, ...signals, warnings, problems, hub, breakerOf };
}

describe('a signal that fires', () => {
  it('trips the breakers of the policies that name it, and says why', () => {
    const { hot, breakerOf } = rig();
    const [a, b, c] = ['a.Hot', 'b.Both', 'c.Other'].map(breakerOf);
    hot.say(FIRING);
    expect([a?.state, b?.state, c?.state]).toEqual(['open', 'open', 'closed']);
    expect(a?.snapshot().verdict).toMatchObject({
      reason: 'signal',
      signal: 'hot',
      message: '91 degrees',
      value: 91,
      threshold: 85,
    });
  });

  it.each(['hot', 'deploying'] as const)('is enough, be it %s, where a policy names several', (name) => {
    const { breakerOf, ...others } = rig();
    const breaker = breakerOf('b.Both');
    others[name].say({ firing: true });
    expect(breaker.snapshot().verdict).toMatchObject({ reason: 'signal', signal: name, message: 'fires' });
  });

  it('trips what is half-open, and a breaker that is made later, each time it says so', () => {
    const { hot, clock, breakerOf } = rig();
    const breaker = breakerOf('a.Hot');
    hot.say(FIRING);
    clock.advance(breaker.snapshot().retryInMs);
    expect(breaker.tryAcquire()).not.toBeNull();
    expect(breaker.state).toBe('halfOpen');
    const later = breakerOf('b.Both');
    expect(later.state).toBe('closed');
    hot.say(FIRING);
    expect([breaker.state, later.state]).toEqual(['open', 'open']);
  });

  it('may hold breakers open until it speaks again', () => {
    const { hot, clock, breakerOf } = rig();
    const breaker = breakerOf('a.Hot');
    // Longer than any backoff.
    hot.say({ ...FIRING, holdForMs: 20_000 });
    expect(breaker.snapshot().retryInMs).toBe(20_000);
    clock.advance(18_000);
    expect(breaker.tryAcquire()).toBeNull();
    clock.advance(2_000);
    hot.say({ ...FIRING, holdForMs: 3_000 });
    expect(breaker.snapshot().retryInMs).toBe(3_000);
    clock.advance(2_999);
    expect(breaker.tryAcquire()).toBeNull();
    clock.advance(1);
    expect(breaker.tryAcquire()).not.toBeNull();
  });

  it('does nothing against a person, or to a breaker that is off', () => {
    const { hot, breakerOf } = rig({
      methods: [{ name: [{ service: 'a.Hot' }], trip: { signal: 'hot' }, mode: 'off' }, ...POLICY.methods.slice(1)],
    });
    const forced = breakerOf('b.Both');
    forced.override('forcedClosed');
    const off = breakerOf('a.Hot');
    hot.say(FIRING);
    expect([forced.state, off.state]).toEqual(['closed', 'closed']);
  });

  it('does nothing once it is quiet, or the hub is disposed of', () => {
    const { hot, hub, breakerOf } = rig();
    const breaker = breakerOf('a.Hot');
    const [listener] = hot.listeners;
    hot.say({ firing: false, value: 60 });
    hub.dispose();
    hub.dispose();
    expect(hot.listeners.size).toBe(0);
    listener?.reading(FIRING);
    listener?.failed(new Error('late'));
    expect(breaker.state).toBe('closed');
    expect(hub.list()[0]).toMatchObject({ errors: 0, firing: false });
  });
});

describe('the list of signals', () => {
  it('says how each stands, and who names it', () => {
    const { hot, deploying, clock, hub } = rig();
    const quiet = { firing: false, value: undefined, lastReadingAtMs: undefined, errors: 0, lastError: undefined };
    expect(hub.list()).toEqual([
      { signal: 'hot', policies: ['methods[0]', 'methods[1]'], ...quiet },
      { signal: 'deploying', policies: ['methods[1]'], ...quiet },
    ]);
    clock.advance(500);
    hot.say(FIRING);
    deploying.fail(new Error('no connection'));
    expect(hub.list()).toMatchObject([
      { firing: true, value: 91, lastReadingAtMs: 1_500, errors: 0 },
      { firing: false, errors: 1, lastError: 'no connection' },
    ]);
  });

  it('has one entry for conditions that are the same in all they say', () => {
    const query = { url: 'http://127.0.0.1:1', query: 'up', above: 1 };
    const trips = [query, { ...query, every: '5s' as const }, { ...query, above: 2 }];
    const methods = trips.map((trip, index) => ({ name: [{ service: `s${index}` }], trip: { prometheus: trip } }));
    const { hub } = rig({ methods }, { signal: () => new HandSignal() });
    expect(hub.list()).toMatchObject([
      { signal: 'prometheus: up', policies: ['methods[0]', 'methods[1]'] },
      { signal: 'prometheus: up', policies: ['methods[2]'] },
    ]);
  });
});

describe('a signal that fails', () => {
  it('changes no breaker, is counted, and is warned of once for each outage', () => {
    const { hot, hub, warnings, breakerOf } = rig();
    const breaker = breakerOf('a.Hot');
    hot.say({ firing: false, value: 60 });
    for (let index = 0; index < 3; index++) hot.fail(new Error('down'));
    expect(warnings).toEqual(['signal hot has no reading, so it changes no breaker: down']);
    expect([breaker.state, hub.list()[0]]).toMatchObject(['closed', { errors: 3, lastError: 'down', value: 60 }]);
    hot.say(FIRING);
    expect([breaker.state, hub.list()[0]]).toMatchObject(['open', { errors: 3, lastError: undefined, firing: true }]);
    hot.fail('down again');
    expect(breaker.state).toBe('open');
    expect(hub.list()[0]).toMatchObject({ errors: 4, lastError: 'down again', firing: false });
    expect(warnings).toHaveLength(2);
  });

  it.each([undefined, null, 'hot', {}, { firing: 'yes' }, { firing: 1 }])('by saying %o, is not listened to', (nonsense) => {
    const { hot, hub, breakerOf } = rig();
    const breaker = breakerOf('a.Hot');
    hot.say(nonsense);
    expect(breaker.state).toBe('closed');
    expect(hub.list()[0]?.errors).toBe(1);
  });

  it('keeps nonsense beside a good reading out of the verdict', () => {
    const { hot, breakerOf } = rig();
    const breaker = breakerOf('a.Hot');
    hot.say({ firing: true, message: { toString: () => 7 }, value: 'hot', threshold: null, holdForMs: 'long' });
    hot.say({ firing: true, holdForMs: Number.NaN });
    hot.say({ firing: true, holdForMs: Infinity });
    hot.say({ firing: true, holdForMs: -5 });
    expect(breaker.snapshot().verdict).toMatchObject({ message: 'fires', value: undefined, threshold: undefined });
    expect(breaker.snapshot().retryInMs).toBe(3_600_000);
  });

  const failing = (subscribe: () => unknown): Signal => ({ subscribe: subscribe as Signal['subscribe'] });
  const SIGNALS: readonly [string, Signal, string][] = [
    [
      'throws',
      failing(() => {
        throw new Error('no driver');
      }),
      'no driver',
    ],
    ['returns nothing', failing(() => undefined), 'subscribe returned no function that ends it'],
    ['rejects', failing(() => Promise.reject(new Error('no driver'))), 'no driver'],
    [
      'throws what has no text',
      failing(() => {
        throw Object.create(null);
      }),
      'an error without a text',
    ],
  ];
  it.each(SIGNALS)('when it %s at its start, is a warning and no error', async (_what, signal, lastError) => {
    const warnings: string[] = [];
    const breakers = createBreakers(
      { methods: [{ trip: { signal: 'hot' } }] },
      { signals: { hot: signal }, telemetry: false, onWarning: (message) => warnings.push(message) },
    );
    await new Promise(setImmediate);
    expect(breakers.signals()[0]?.lastError).toBe(lastError);
    expect(warnings).toHaveLength(1);
    expect(() => breakers.dispose()).not.toThrow();
  });

  it.each<[string, () => void]>([
    [
      'throws',
      () => {
        throw new Error('busy');
      },
    ],
    ['rejects', () => Promise.reject(new Error('busy'))],
  ])('and when it %s at its end, the others end all the same', async (_what, end) => {
    const other = new HandSignal();
    const warnings: string[] = [];
    const breakers = createBreakers(
      { methods: [{ trip: { signal: ['hot', 'other'] } }] },
      { signals: { hot: { subscribe: () => end }, other }, telemetry: false, onWarning: (message) => warnings.push(message) },
    );
    breakers.dispose();
    await new Promise(setImmediate);
    expect(other.listeners.size).toBe(0);
    expect(warnings).toEqual(['signal hot failed when it was ended']);
  });
});

describe('signals that nobody has registered', () => {
  const refused = (policy: Policy, options: BreakersOptions = {}) =>
    problemsOf(() => createBreakers(policy, { telemetry: false, ...options }));
  const hot = new HandSignal();

  it.each<[BreakersOptions['signals'], string]>([
    [{ hotGpu: hot }, 'names "hotGup", which is not registered; did you mean "hotGpu"?'],
    [
      undefined,
      'names "hotGup", which is not registered; register it in code: createBreakers(policy, { signals: { "hotGup": ... } })',
    ],
    [
      { deploying: hot, other: hot },
      'names "hotGup", which is not registered; registered are deploying, other; register it in code: createBreakers(policy, { signals: { "hotGup": ... } })',
    ],
  ])('are refused: %#', (signals, message) => {
    const problems = refused({ methods: [{ trip: { signal: 'hotGup' } }] }, signals === undefined ? {} : { signals });
    expect(problems).toEqual([`methods[0].trip.signal: ${message}`]);
  });

  it('are refused also where every object has something of the name', () => {
    expect(refused({ methods: [{ trip: { signal: 'constructor' } }] }, { signals: { hot } })).toHaveLength(1);
  });

  it('are told together with what else is wrong', () => {
    const query = { url: 'http://127.0.0.1:9090', query: 'up', above: 1 };
    const policy = { methods: [{ name: [{}], trip: { prometheus: query } }, { openFor: '0s' }] } as Policy;
    expect(refused(policy, { signals: { bad: {} as Signal } })).toEqual([
      expect.stringMatching(/^methods\[1\]\.openFor: "0s" is zero/),
      expect.stringMatching(/^methods\[1\]\.name\[0\]: names every method again/),
      'signals.bad: is no signal; expected an object with a function subscribe(listener)',
      expect.stringMatching(/^methods\[0\]\.trip\.prometheus: has nothing that asks Prometheus.*grpc-breaker\/prometheus/),
    ]);
  });
});
