import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MethodPolicy, parsePolicy } from '../../src/policy/policy.ts';
import { type BreakerEntry, BreakerRegistry } from '../../src/policy/registry.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';

interface Made {
  readonly registry: BreakerRegistry;
  /** The entry of a key, for a method of one of the policies. */
  readonly entry: (key: string, policy?: number) => BreakerEntry;
  readonly names: () => string[];
}

/** A registry of so many breakers, and of policies for the services `s0`, `s1`, ... */
function make(maxBreakers: number, policies = 1): Made {
  const parsed = parsePolicy({
    maxBreakers,
    methods: Array.from({ length: policies }, (_, i) => ({ name: [{ service: `s${i}` }] })),
  });
  const registry = new BreakerRegistry(maxBreakers, policies, { clock: new ManualClock(), random: () => 0.5 });
  return {
    registry,
    entry: (key, policy = 0) => registry.acquire(key, parsed.methods[policy] as MethodPolicy, 'host:1', `s${policy}/Ask`),
    names: () => Array.from(registry.list(), ({ breaker }) => breaker.name),
  };
}

describe('a breaker', () => {
  it('is made once for its key, with all that is known of it', () => {
    const { registry, entry } = make(10);
    const made = entry('a');
    expect(entry('a')).toBe(made);
    expect(entry('b')).not.toBe(made);
    expect(made).toMatchObject({ target: 'host:1', method: 's0/Ask', isOverflow: false, evicted: false, stallsIgnored: 0 });
    expect(made.policy.path).toBe('methods[0]');
    expect(made.breaker.name).toBe('a');
    expect(registry.get('a')).toBe(made);
    expect(registry.get('c')).toBeUndefined();
  });

  it('is not shared by two policies with the same key', () => {
    const { registry, entry, names } = make(10, 2);
    const [first, second] = [entry('host:1', 0), entry('host:1', 1)];
    expect(first.breaker).not.toBe(second.breaker);
    expect([entry('host:1', 1), entry('host:1', 0)]).toEqual([second, first]);
    expect([first.policy.path, second.policy.path]).toEqual(['methods[0]', 'methods[1]']);
    expect(names()).toEqual(['host:1', 'host:1#methods[1]']);
    expect(registry.get('host:1#methods[1]')).toBe(second);
  });
});

describe('beyond the bound', () => {
  it('an idle closed breaker makes room', () => {
    const { registry, entry, names } = make(3);
    const first = entry('a');
    entry('b');
    entry('c');
    expect(first.evicted).toBe(true);
    expect(registry.get('a')).toBeUndefined();
    expect(names()).toEqual(['b', 'c']);
    expect(entry('a')).not.toBe(first);
  });

  it('one that was used lately stays, the others go first', () => {
    const { entry, names } = make(5);
    for (const key of ['a', 'b', 'c', 'd']) entry(key);
    entry('e'); // Everybody was new: the hand has come by all of them, and `a` went.
    entry('b');
    entry('f');
    entry('g');
    expect(names().toSorted((a, b) => a.localeCompare(b))).toEqual(['b', 'e', 'f', 'g']);
  });

  it.each<[string, (entry: BreakerEntry) => void]>([
    ['open', ({ breaker }) => void breaker.trip('test')],
    ['with a call under way', ({ breaker }) => void breaker.tryAcquire()],
    ['with an override', ({ breaker }) => breaker.override('forcedClosed')],
  ])('one that is %s stays; further keys share _OTHER', (_, act) => {
    const { registry, entry, names } = make(3);
    for (const key of ['a', 'b']) act(entry(key));
    const other = entry('c');
    expect(other).toMatchObject({ isOverflow: true, evicted: false });
    expect(other.breaker.name).toBe('_OTHER');
    expect([entry('d'), registry.get('_OTHER')]).toEqual([other, other]);
    expect(entry('a')).toMatchObject({ isOverflow: false, evicted: false });
    expect(names()).toEqual(['a', 'b', '_OTHER']);
  });

  it('a key leaves _OTHER when there is room again', () => {
    const { entry } = make(3);
    entry('a').breaker.trip('test');
    entry('b').breaker.trip('test');
    expect(entry('c').isOverflow).toBe(true);
    entry('a').breaker.reset();
    expect(entry('c')).toMatchObject({ isOverflow: false });
  });

  it('each policy has an _OTHER of its own', () => {
    const { registry, entry } = make(4, 2);
    for (const key of ['a', 'b']) entry(key).breaker.trip('test');
    const others = [entry('c', 1), entry('c', 0)];
    expect(others.map(({ breaker, policy }) => [breaker.name, policy.path])).toEqual([
      ['_OTHER', 'methods[1]'],
      ['_OTHER#methods[0]', 'methods[0]'],
    ]);
    expect(others.map(({ breaker }) => registry.get(breaker.name))).toEqual(others);
  });

  it('finds an idle breaker among thousands that are not', () => {
    const { entry } = make(2_001);
    for (let i = 0; i < 2_000; i++) entry(`busy ${i}`).breaker.trip('test');
    entry('busy 1000').breaker.reset();
    const asked = Array.from({ length: 100 }, () => entry('new')).findIndex(({ isOverflow }) => !isOverflow);
    expect(asked).toBeGreaterThanOrEqual(0);
  });
});

it('never holds more than it may, never loses a breaker that is in use, and never has a name twice', () => {
  const stepArb = fc.record({
    key: fc.nat({ max: 30 }),
    act: fc.constantFrom('use', 'use', 'use', 'trip', 'reset', 'begin', 'end'),
  });
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 20 }), fc.array(stepArb, { maxLength: 200, size: 'max' }), (maxBreakers, steps) => {
      const { registry, entry } = make(maxBreakers);
      const inUse = new Map<string, BreakerEntry>();
      const permits = new Map<BreakerEntry, { ignore(): void }>();
      for (const { key, act } of steps) {
        const used = entry(`k${key}`);
        if (act === 'trip') used.breaker.trip('test');
        else if (act === 'reset') used.breaker.reset();
        else if (act === 'begin' && !permits.has(used)) {
          const permit = used.breaker.tryAcquire();
          if (permit !== null) permits.set(used, permit);
        } else if (act === 'end') {
          permits.get(used)?.ignore();
          permits.delete(used);
        }
        if (used.breaker.isIdle) inUse.delete(used.breaker.name);
        else inUse.set(used.breaker.name, used);

        const all = [...registry.list()];
        const names = all.map(({ breaker }) => breaker.name);
        expect(all.length).toBeLessThanOrEqual(maxBreakers);
        expect(new Set(names).size).toBe(names.length);
        for (const [name, kept] of inUse) expect(registry.get(name)).toBe(kept);
      }
    }),
    { numRuns: 300 },
  );
});
