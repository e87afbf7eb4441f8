import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MethodPolicy, type MethodPolicyOptions, parsePolicy } from '../../src/policy/policy.ts';
import { type BreakerEntry, BreakerRegistry } from '../../src/policy/registry.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';

interface Made {
  readonly registry: BreakerRegistry;
  readonly clock: ManualClock;
  /** The entry of a key, for a method of one of the policies. */
  readonly entry: (key: string, policy?: number) => BreakerEntry;
  readonly names: () => string[];
}

/** A registry of so many breakers, and of policies for the services `s0`, `s1`, ... */
function make(maxBreakers: number, ...policies: MethodPolicyOptions[]): Made {
  const named = (policies.length === 0 ? [{}] : policies).map((policy, i) => ({ name: [{ service: `s${i}` }], ...policy }));
  const { methods } = parsePolicy({ methods: named });
  const clock = new ManualClock();
  const registry = new BreakerRegistry(maxBreakers, { clock, random: () => 0.5 });
  return {
    registry,
    clock,
    entry: (key, policy = 0) => registry.acquire(key, methods[policy] as MethodPolicy, 'host:1', `s${policy}/Ask`),
    names: () => Array.from(registry.list(), ({ breaker }) => breaker.name),
  };
}

const inOrder = (names: string[]): string[] => names.toSorted((a, b) => a.localeCompare(b));
const trip = ({ breaker }: BreakerEntry): void => void breaker.trip('test');

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

  it('has a count of fallbacks of its own, where its policy has a fallback', () => {
    const { entry } = make(10, { fallback: { sources: [{ message: {} }] } });
    entry('a').fallbacks.set('message', 1);
    expect(entry('b').fallbacks.size).toBe(0);
  });
});

describe('two policies with the same key', () => {
  const TARGET_ONLY = { key: ['target'] } as const;

  it('do not share a breaker', () => {
    const { registry, entry, names } = make(10, TARGET_ONLY, TARGET_ONLY);
    const [first, second] = [entry('host:1', 0), entry('host:1', 1)];
    expect(first.breaker).not.toBe(second.breaker);
    expect([entry('host:1', 1), entry('host:1', 0)]).toEqual([second, first]);
    expect([first.policy.path, second.policy.path]).toEqual(['methods[0]', 'methods[1]']);
    expect(names()).toEqual(['host:1', 'host:1#methods[1]']);
    expect(registry.get('host:1#methods[1]')).toBe(second);
  });

  it('do not share one when a function makes the key of another', () => {
    const { entry } = make(10, { key: () => 'host:1/s1/Ask' }, {});
    expect(entry('host:1/s1/Ask', 0).breaker).not.toBe(entry('host:1/s1/Ask', 1).breaker);
  });

  it('keep theirs when that of the other is evicted', () => {
    const { entry } = make(2, TARGET_ONLY, TARGET_ONLY);
    entry('host:1', 0);
    const sick = entry('host:1', 1);
    trip(sick);
    for (let i = 0; i < 10; i++) entry(`host:${i + 2}`, 0);
    expect(entry('host:1', 1)).toBe(sick);
  });
});

describe('beyond the bound', () => {
  it('an idle closed breaker makes room', () => {
    const { registry, entry, names } = make(2);
    const first = entry('a');
    entry('b');
    entry('c');
    expect(first.evicted).toBe(true);
    expect(registry.get('a')).toBeUndefined();
    expect(names()).toEqual(['b', 'c']);
    expect(entry('a')).not.toBe(first);
  });

  it('one that was used lately stays, the others go first', () => {
    const { entry, names } = make(4);
    for (const key of ['a', 'b', 'c', 'd']) entry(key);
    entry('e'); // Everybody was new: the hand has come by all of them, and `a` went.
    entry('b');
    entry('f');
    entry('g');
    expect(inOrder(names())).toEqual(['b', 'e', 'f', 'g']);
  });

  it('of those used lately, one without a failure to remember goes first', () => {
    const { entry, names } = make(3);
    for (const key of ['a', 'b', 'c']) entry(key).breaker.tryAcquire()?.[key === 'c' ? 'success' : 'failure'](1);
    entry('d');
    expect(names()).toEqual(['a', 'b', 'd']);
  });

  it.each<[string, (entry: BreakerEntry) => void]>([
    ['open', trip],
    ['with a call under way', ({ breaker }) => void breaker.tryAcquire()],
    ['with an override', ({ breaker }) => breaker.override('forcedClosed')],
  ])('one that is %s stays; further keys share _OTHER', (_, act) => {
    const { registry, entry, names } = make(2);
    for (const key of ['a', 'b']) act(entry(key));
    const other = entry('c');
    expect(other).toMatchObject({ isOverflow: true, evicted: false });
    expect(other.breaker.name).toBe('_OTHER');
    expect([entry('d'), registry.get('_OTHER')]).toEqual([other, other]);
    expect(entry('a')).toMatchObject({ isOverflow: false, evicted: false });
    expect(names()).toEqual(['a', 'b', '_OTHER']);
  });

  it('an open one goes when its trial is due and nobody comes, not before', () => {
    const { entry, names, clock } = make(2);
    for (const key of ['a', 'b']) trip(entry(key));
    clock.advance(4_999);
    entry('c');
    expect(names()).toEqual(['a', 'b', '_OTHER']);
    clock.advance(1);
    entry('a');
    expect(entry('c').isOverflow).toBe(false);
    expect(names()).toEqual(['a', 'c', '_OTHER']);
  });

  it('one that is forced open never goes', () => {
    const { entry, clock } = make(1);
    entry('a').breaker.override('forcedOpen');
    clock.advance(1e12);
    for (let i = 0; i < 3; i++) expect(entry('b').isOverflow).toBe(true);
  });

  it('a key leaves _OTHER when there is room again', () => {
    const { entry } = make(2);
    for (const key of ['a', 'b']) trip(entry(key));
    expect(entry('c').isOverflow).toBe(true);
    entry('a').breaker.reset();
    expect(entry('c')).toMatchObject({ isOverflow: false });
  });

  it('each policy has an _OTHER of its own', () => {
    const { registry, entry } = make(2, {}, {});
    for (const key of ['a', 'b']) trip(entry(key));
    const others = [entry('c', 1), entry('c', 0)];
    expect(others.map(({ breaker, policy }) => [breaker.name, policy.path])).toEqual([
      ['_OTHER', 'methods[1]'],
      ['_OTHER#methods[0]', 'methods[0]'],
    ]);
    expect(others.map(({ breaker }) => registry.get(breaker.name))).toEqual(others);
  });

  it('finds an idle breaker among thousands that are not', () => {
    const { entry } = make(2_000);
    for (let i = 0; i < 2_000; i++) trip(entry(`busy ${i}`));
    entry('busy 1000').breaker.reset();
    const asked = Array.from({ length: 100 }, () => entry('new')).findIndex(({ isOverflow }) => !isOverflow);
    expect(asked).toBeGreaterThanOrEqual(0);
  });
});

it('never holds more than it may, never loses a breaker that is in use, and never has a name twice', () => {
  const stepArb = fc.record({
    key: fc.nat({ max: 30 }),
    policy: fc.nat({ max: 1 }),
    act: fc.constantFrom('use', 'use', 'use', 'trip', 'reset', 'begin', 'end'),
  });
  const keys = { key: ['target', 'request.id'] } as const;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.array(stepArb, { maxLength: 150, size: 'max' }), (maxBreakers, steps) => {
      const { registry, entry } = make(maxBreakers, keys, keys);
      const inUse = new Map<string, BreakerEntry>();
      const permits = new Map<BreakerEntry, { ignore(): void }>();
      for (const { key, policy, act } of steps) {
        const used = entry(`k${key}`, policy);
        expect(used.policy.path).toBe(`methods[${policy}]`);
        if (act === 'trip') trip(used);
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
        expect(all.filter(({ isOverflow }) => !isOverflow).length).toBeLessThanOrEqual(maxBreakers);
        expect(all.filter(({ isOverflow }) => isOverflow).length).toBeLessThanOrEqual(2);
        expect(new Set(names).size).toBe(names.length);
        for (const [name, kept] of inUse) expect(registry.get(name)).toBe(kept);
      }
    }),
    { numRuns: 300 },
  );
});
