import { expect, it } from 'vitest';
import type { Policy } from '../../src/policy/policy.ts';
import { documentInWords, policyChanges } from '../../src/policy/policy-changes.ts';

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
  expect(policyChanges(documentInWords(before), documentInWords(after))).toEqual(changes);
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
  expect(policyChanges(documentInWords(before), documentInWords(after))).toEqual([
    { path: 'methods[0].classify', from: '(function oldRule)', to: '(function newRule)' },
  ]);
});

it('does not show what may be a secret', () => {
  const before: Policy = { clients: { spare: { target: 'a:1' } } };
  const after: Policy = {
    clients: {
      spare: { target: 'a:1', options: { 'grpc.http_connect_creds': 'user:hunter2' } },
      other: { target: 'b:1', options: { 'grpc.http_connect_creds': 'user:hunter2' } },
    },
  };
  const told = policyChanges(documentInWords(before), documentInWords(after));
  expect(JSON.stringify(told)).not.toContain('hunter2');
  expect(told.map(({ path }) => path)).toEqual(['clients.spare.options', 'clients.other']);
});

it('tells what was changed in the very object of the policy before', () => {
  const policy = { maxBreakers: 5 };
  const before = documentInWords(policy);
  policy.maxBreakers = 6;
  expect(policyChanges(before, documentInWords(policy))).toEqual([{ path: 'maxBreakers', from: 5, to: 6 }]);
});
