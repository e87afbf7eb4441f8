// Each of these went wrong once, and must not again: a title says how it showed.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import { type MethodPolicy, parsePolicy } from '../../src/policy/policy.ts';
import { BreakerRegistry } from '../../src/policy/registry.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { problemsOf } from './helpers.ts';

function make(maxBreakers: number, policies: number) {
  // The keys of the first policy are a function's; the others' are target and method.
  const key = () => 'X';
  const parsed = parsePolicy({
    maxBreakers,
    methods: Array.from({ length: policies }, (_, i) => ({ name: [{ service: `s${i}` }], ...(i === 0 ? { key } : {}) })),
  });
  const registry = new BreakerRegistry(maxBreakers, { clock: new ManualClock(), random: () => 0.5 });
  return {
    registry,
    entry: (key: string, policy = 0) => registry.acquire(key, parsed.methods[policy] as MethodPolicy, 't', 'm'),
  };
}

it('P1 two policies with one key: evicting the first breaker hides the open breaker of the second', () => {
  const { entry } = make(3, 2);
  entry('X', 0);
  const open = entry('X', 1);
  open.breaker.trip('dead');
  for (let i = 0; i < 10; i++) entry(`k${i}`); // X of policy 0 is idle and goes
  expect(entry('X', 1)).toBe(open); // a new, closed breaker: calls go to the dead dependency again
});

it('P2 a key that reads like the name of a breaker of another policy shares that breaker', () => {
  const { entry } = make(50, 2);
  entry('X', 0);
  const own = entry('X#methods[1]', 0); // for instance key: [request.name] or a key function
  expect(entry('X', 1).breaker).not.toBe(own.breaker);
});

it('P2b a key _OTHER: two breakers have one name', () => {
  const { registry, entry } = make(3, 1);
  for (const key of ['_OTHER', 'a', 'b']) entry(key).breaker.trip('test');
  entry('c');
  const names = Array.from(registry.list(), ({ breaker }) => breaker.name);
  expect(new Set(names).size).toBe(names.length);
});

describe('P4 a YAML file that only shows its fault when it is read: no ConfigError, and the file is not named', () => {
  const file = (text: string) => {
    const path = join(mkdtempSync(join(tmpdir(), 'policy-')), 'p.yaml');
    writeFileSync(path, text);
    return path;
  };
  it('an alias without an anchor', () => {
    expect(problemsOf(() => loadPolicy(file('methods: *nowhere')))).toHaveLength(1); // ReferenceError
  });
  it('a billion laughs', () => {
    const level = (name: string, of: string) => `${name}: &${name} [${new Array(10).fill(`*${of}`).join(',')}]\n`;
    const text = `a: &a [1,1,1,1,1,1,1,1,1,1]\n${level('b', 'a')}${level('c', 'b')}${level('d', 'c')}`;
    expect(problemsOf(() => loadPolicy(file(text))).length).toBeGreaterThan(0); // ReferenceError
  });
});

describe('P5 "validated whole, with every problem": these are told only after the others are mended', () => {
  it('a name that stands twice, beside any other problem', () => {
    const problems = problemsOf(() => parsePolicy({ methods: [{ openFor: 5 }, {}] }));
    expect(problems).toContainEqual(expect.stringMatching(/names every method again/));
  });
});

it('P6 a misspelled field of a window: the hint has no known options', () => {
  const [problem] = problemsOf(() => parsePolicy({ methods: [{ trip: { failureRate: { window: { calls: 5, slice: 1 } } } }] }));
  expect(problem).not.toMatch(/known options: $/);
});

it('P7 a duration too long for a number is endless', () => {
  expect(problemsOf(() => parsePolicy({ methods: [{ openFor: `${'9'.repeat(400)}s` }] }))).toHaveLength(1);
});
