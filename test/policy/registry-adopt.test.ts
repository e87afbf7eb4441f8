import { describe, expect, it } from 'vitest';
import type { BreakerEvent } from '../../src/core/events.ts';
import { MethodMatcher } from '../../src/policy/method-matcher.ts';
import { type Policy, parsePolicy } from '../../src/policy/policy.ts';
import { BreakerRegistry } from '../../src/policy/registry.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';

const TRIP = { trip: { consecutiveFailures: 1 } } as const;

/** A registry under a policy, that can go over to others. */
function registryOf(policy: Policy) {
  const events: BreakerEvent[] = [];
  const parsed = parsePolicy(policy);
  let matcher = new MethodMatcher(parsed);
  const registry = new BreakerRegistry(parsed.maxBreakers, {
    clock: new ManualClock(),
    random: () => 0.5,
    onEvent: (event) => events.push(event),
  });
  const policyOf = (method: string) => {
    const found = matcher.find(method);
    if (found === undefined) throw new Error(`no policy for ${method}`);
    return found;
  };
  const acquire = (key: string, method: string, by = policyOf(method)) => registry.acquire(key, by, 'target', method);
  const adopt = (next: Policy) => {
    const read = parsePolicy(next);
    const found = new MethodMatcher(read);
    matcher = found;
    return registry.adopt((method) => found.find(method), read.maxBreakers, read.methods);
  };
  return { registry, events, policyOf, acquire, adopt };
}

const names = (registry: BreakerRegistry) => Array.from(registry.list(), ({ breaker }) => breaker.name);

describe('a registry that goes over to another policy', () => {
  it('keeps breakers, wherever in the document the policy of their method stands now', () => {
    const { registry, acquire, adopt } = registryOf({ methods: [{ name: [{}], ...TRIP }] });
    const entry = acquire('target/pkg.S/M', 'pkg.S/M');
    entry.breaker.trip('sick');
    const methods = [{ name: [{ service: 'pkg.Other' }] }, { name: [{ service: 'pkg.S' }], openFor: '9s' as const, ...TRIP }];
    expect(adopt({ methods })).toEqual({ kept: 1, ended: 0 });
    expect(registry.get('target/pkg.S/M')).toBe(entry);
    expect(entry).toMatchObject({ evicted: false, policy: { path: 'methods[1]' } });
    expect(entry.breaker.state).toBe('open');
    expect(acquire('target/pkg.S/M', 'pkg.S/M')).toBe(entry);
  });

  it.each([
    ['nothing is for their method any more', { methods: [{ name: [{ service: 'pkg.Other' }] }] }],
    ['their policy is off', { methods: [{ mode: 'off' }] }],
    ['keys are made otherwise', { methods: [{ key: ['target', 'method', 'metadata.tenant'] }] }],
  ] as const)('ends breakers, closed, where %s', (_, next) => {
    const { registry, events, acquire, adopt } = registryOf({ methods: [TRIP] });
    const entry = acquire('target/pkg.S/M', 'pkg.S/M');
    entry.breaker.trip('sick');
    expect(adopt(next)).toEqual({ kept: 0, ended: 1 });
    expect(entry.evicted).toBe(true);
    expect(names(registry)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ to: 'closed', verdict: { reason: 'reset', message: 'no policy is for it any more' } });
  });

  it('parts and joins policies', () => {
    const key = ['target'] as const;
    const { registry, acquire, adopt } = registryOf({
      methods: [
        { name: [{ service: 'pkg.A' }], key },
        { name: [{ service: 'pkg.B' }], key },
      ],
    });
    const [a, b] = [acquire('target', 'pkg.A/M'), acquire('target', 'pkg.B/M')];
    expect(names(registry)).toEqual(['target', 'target#methods[1]']);
    expect(adopt({ methods: [{ key }] })).toEqual({ kept: 1, ended: 1 });
    expect([a.evicted, b.evicted]).toEqual([false, true]);
    expect(acquire('target', 'pkg.B/M')).toBe(a);
  });

  it('goes on with a breaker of several methods under the policy that is for the same ones, whichever of them made it', () => {
    const key = ['target'] as const;
    const { registry, acquire, adopt } = registryOf({ methods: [{ key, ...TRIP }] });
    const shared = acquire('target', 'pkg.A/First');
    shared.breaker.trip('sick');
    const first = { name: [{ service: 'pkg.A', method: 'First' }], mode: 'off' as const };
    expect(adopt({ methods: [first, { key, openFor: '9s', ...TRIP }] })).toEqual({ kept: 1, ended: 0 });
    expect(acquire('target', 'pkg.A/Second')).toBe(shared);
    expect(shared.breaker.state).toBe('open');
    expect(names(registry)).toEqual(['target']);
  });

  it('goes on with _OTHER of a policy', () => {
    const { registry, acquire, adopt } = registryOf({ maxBreakers: 1, methods: [TRIP] });
    acquire('one', 'pkg.S/M').breaker.trip('not idle');
    const other = acquire('two', 'pkg.S/M');
    expect(other.isOverflow).toBe(true);
    other.breaker.trip('sick');
    adopt({ maxBreakers: 1, methods: [{ ...TRIP, openFor: '9s' }] });
    expect(registry.get('_OTHER')).toBe(other);
    expect(acquire('three', 'pkg.S/M')).toBe(other);
    expect(other.breaker.state).toBe('open');
  });

  it('gives every _OTHER a name of its own, wherever the policies stand that were before', () => {
    const named = (...services: string[]): Policy => ({
      maxBreakers: 1,
      methods: services.map((service) => ({ name: [{ service }], ...TRIP })),
    });
    const { registry, acquire, adopt } = registryOf(named('pkg.A', 'pkg.B'));
    acquire('busy', 'pkg.A/M').breaker.trip('not idle');
    const [a, b] = [acquire('a', 'pkg.A/M'), acquire('b', 'pkg.B/M')];
    adopt(named('pkg.B', 'pkg.C', 'pkg.A'));
    const c = acquire('c', 'pkg.C/M');
    const others = [a, b, c].map(({ breaker }) => breaker.name);
    expect(new Set(others).size).toBe(3);
    for (const entry of [a, b, c]) expect(registry.get(entry.breaker.name)).toBe(entry);
  });

  it('comes down to fewer breakers, also where all were used a moment ago', () => {
    const { registry, acquire, adopt } = registryOf({ maxBreakers: 1_000, methods: [TRIP] });
    for (let key = 0; key < 300; key++) acquire(`k${key}`, 'pkg.S/M');
    adopt({ maxBreakers: 10, methods: [TRIP] });
    expect(names(registry)).toHaveLength(10);
  });

  it('comes down with the next calls where breakers were not idle before', () => {
    const { registry, acquire, adopt } = registryOf({ maxBreakers: 1_000, methods: [TRIP] });
    const entries = Array.from({ length: 100 }, (_, key) => acquire(`k${key}`, 'pkg.S/M'));
    for (const { breaker } of entries) breaker.trip('sick');
    adopt({ maxBreakers: 10, methods: [TRIP] });
    expect(names(registry)).toHaveLength(100);
    for (const { breaker } of entries) breaker.reset();
    for (let key = 0; key < 200; key++) acquire(`new${key}`, 'pkg.S/M');
    expect(names(registry).filter((name) => name !== '_OTHER')).toHaveLength(10);
  });

  it('lets idle breakers go where there may be fewer, and makes more where there may be more', () => {
    const { registry, acquire, adopt } = registryOf({ maxBreakers: 3, methods: [TRIP] });
    for (const key of ['a', 'b', 'c']) acquire(key, 'pkg.S/M');
    adopt({ maxBreakers: 1, methods: [TRIP] });
    expect(names(registry)).toHaveLength(1);
    adopt({ maxBreakers: 2, methods: [TRIP] });
    acquire('d', 'pkg.S/M');
    expect(names(registry)).toHaveLength(2);
  });

  it('gives a call from before the reload the breaker of now, or one of its own where there is none any more', () => {
    const { registry, policyOf, acquire, adopt } = registryOf({ methods: [TRIP] });
    const before = policyOf('pkg.S/M');
    adopt({ methods: [{ ...TRIP, openFor: '9s' }] });
    const late = acquire('key', 'pkg.S/M', before);
    expect(late).toBe(acquire('key', 'pkg.S/M'));
    adopt({ methods: [{ name: [{ service: 'pkg.Other' }] }] });
    const stray = acquire('key', 'pkg.S/M', before);
    expect(stray.evicted).toBe(true);
    expect(stray.breaker.tryAcquire()).not.toBeNull();
    expect(names(registry)).toEqual([]);
  });

  it('has room for the counts of a fallback that a policy has only now', () => {
    const { acquire, adopt } = registryOf({ methods: [TRIP] });
    const [one, two] = [acquire('one', 'pkg.S/M'), acquire('two', 'pkg.S/M')];
    adopt({ methods: [{ ...TRIP, fallback: { sources: [{ error: { code: 'ABORTED' } }] } }] });
    one.fallbacks.set('error', 1);
    expect(two.fallbacks.size).toBe(0);
  });
});
