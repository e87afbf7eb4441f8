import { expect, it } from 'vitest';
import type { Policy } from '../../src/policy/policy.ts';
import { policyChanges } from '../../src/policy/policy-changes.ts';

const RATE = { name: [{ service: 'pkg.S', method: 'M' }], trip: { failureRate: { threshold: '50%', minCalls: 20 } } } as const;

it.each<[what: string, before: Policy, after: Policy, changes: unknown[]]>([
  ['nothing', { methods: [RATE] }, { methods: [{ ...RATE }] }, []],
  [
    'a number deep inside',
    { methods: [RATE] },
    { methods: [{ ...RATE, trip: { failureRate: { threshold: '30%', minCalls: 20 } } }] },
    [{ path: 'methods[0].trip.failureRate.threshold', from: '50%', to: '30%' }],
  ],
  [
    'an option that comes and one that goes',
    { maxBreakers: 5, methods: [{ ...RATE, openFor: '1s' }] },
    { methods: [{ ...RATE, jitter: 0 }] },
    [
      { path: 'maxBreakers', from: 5, to: undefined },
      { path: 'methods[0].openFor', from: '1s', to: undefined },
      { path: 'methods[0].jitter', from: undefined, to: 0 },
    ],
  ],
  ['the order of methods', { methods: [RATE, { mode: 'off' }] }, { methods: [{ mode: 'off' }, RATE] }, []],
  [
    'a method that comes first, and one that goes',
    { methods: [RATE, { mode: 'off' }] },
    { methods: [{ name: [{ service: 'pkg.T' }] }, RATE] },
    [
      { path: 'methods[0]', from: undefined, to: { name: [{ service: 'pkg.T' }] } },
      { path: 'methods[1]', from: { mode: 'off' }, to: undefined },
    ],
  ],
])('tells %s', (_, before, after, changes) => {
  expect(policyChanges(before, after)).toEqual(changes);
});

it('tells code by its name', () => {
  const before: Policy = {
    methods: [
      {
        classify: function oldRule() {
          return undefined;
        },
      },
    ],
  };
  const after: Policy = {
    methods: [
      {
        classify: function newRule() {
          return undefined;
        },
      },
    ],
  };
  expect(policyChanges(before, after)).toEqual([
    { path: 'methods[0].classify', from: '(function oldRule)', to: '(function newRule)' },
  ]);
});
