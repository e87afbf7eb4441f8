import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../../src/core/defaults.ts';
import { parseBareBreaker } from '../../src/policy/breaker-options.ts';
import { type Policy, parsePolicy } from '../../src/policy/policy.ts';
import { problemsOf } from './helpers.ts';

const FAILURES = [4, 14, 13, 2, 8, 15];

describe('defaults', () => {
  const everything = {
    path: 'methods[0]',
    names: [{}],
    key: { function: undefined, target: true, method: true, values: [], needsRequest: false, isFixed: true },
    keySuffix: '',
    deadlineMs: Infinity,
    failureCodes: new Set(FAILURES),
    classify: undefined,
    failureWhen: undefined,
    named: { classify: undefined, failureWhen: undefined },
    staleAfterMs: Infinity,
    stream: { firstMessageWithinMs: Infinity, messageGapMs: Infinity, appends: false, succeedsAtFirstMessage: true },
    rejectionCode: 14,
    cancelledAfterMs: Infinity,
    minBudget: 0,
    signals: { signal: undefined, prometheus: undefined },
    fallback: undefined,
    breaker: {
      ...parseBareBreaker({}).config,
      // A bare breaker has neither.
      jitter: DEFAULTS.policyJitter,
      rampUpMs: DEFAULTS.policyRampUpMs,
    },
  };

  it.each<Policy>([{}, { methods: [] }, { methods: [{}] }, { methods: [{ name: [{}] }] }])(
    '%j is one policy for every method',
    (policy) => {
      expect(parsePolicy(policy)).toEqual({ protos: [], maxBreakers: 10_000, clients: {}, methods: [everything] });
    },
  );

  it('hold for each policy on its own: policies are not merged', () => {
    const { methods } = parsePolicy({ methods: [{ trials: 7, openFor: '1s' }, { name: [{ service: 'a.B' }] }] });
    expect(methods[1]).toEqual({ ...everything, path: 'methods[1]', names: [{ service: 'a.B' }] });
  });
});

it('takes every option', () => {
  const classify = () => undefined;
  const { maxBreakers, methods } = parsePolicy({
    maxBreakers: 50,
    methods: [
      {
        name: [{ service: 'inference.GRPCInferenceService', method: 'ModelInfer' }, { service: 'a.B' }],
        key: ['target', 'request.model_name'],
        deadline: '20ms',
        failureCodes: ['UNAVAILABLE', 'NOT_FOUND'],
        classify,
        cancelledAfter: '100ms',
        minBudget: '2ms',
        rampUp: '3s',
        fallback: { on: ['rejected'], sources: [{ message: { model_name: 'hold' } }] },
        failureWhen: 'response.error_message',
        staleAfter: '25ms',
        stream: { firstMessageWithin: '2s', messageGap: '500ms', midStream: 'append', success: 'status' },
        rejectionStatus: 'FAILED_PRECONDITION',
        mode: 'observe',
        jitter: 0,
      },
    ],
  });
  expect(maxBreakers).toBe(50);
  expect(methods[0]).toMatchObject({
    names: [{ service: 'inference.GRPCInferenceService', method: 'ModelInfer' }, { service: 'a.B' }],
    key: { target: true, method: false, values: [{ from: 'request', path: ['model_name'], isOptional: false }] },
    deadlineMs: 20,
    cancelledAfterMs: 100,
    minBudget: 2,
    failureCodes: new Set([14, 5]),
    fallback: {
      on: { rejected: true, failed: false, stale: false },
      sources: [{ name: 'message', message: { model_name: 'hold' } }],
    },
    named: { classify: undefined, failureWhen: 'response.error_message' },
    staleAfterMs: 25,
    stream: { firstMessageWithinMs: 2_000, messageGapMs: 500, appends: true, succeedsAtFirstMessage: false },
    rejectionCode: 9,
    breaker: { mode: 'observe', jitter: 0, rampUpMs: 3_000 },
  });
  expect(methods[0]?.classify).toBe(classify);
});

describe('minBudget: auto', () => {
  it.each<Policy>([
    { methods: [{ minBudget: 'auto' }] },
    { methods: [{ minBudget: 'auto', trip: { adaptive: {}, consecutiveFailures: 5 } }] },
  ])('is fine where a usual latency is learned: %j', (policy) => {
    expect(parsePolicy(policy).methods[0]?.minBudget).toBe('auto');
  });

  it('is refused where none is', () => {
    expect(problemsOf(() => parsePolicy({ methods: [{ minBudget: 'auto', trip: { consecutiveFailures: 5 } }] }))).toEqual([
      'methods[0].minBudget: is auto, which takes the usual latency from the trip condition adaptive; list adaptive too, or give a duration',
    ]);
  });
});

it('may count no status at all as a failure', () => {
  expect(parsePolicy({ methods: [{ failureCodes: [] }] }).methods[0]?.failureCodes).toEqual(new Set());
});

describe('the names of breakers say which policy is meant', () => {
  const suffixes = (...keys: NonNullable<Policy['methods']>[number]['key'][]) =>
    parsePolicy({
      methods: keys.map((key, i) => ({ name: [{ service: `s${i}` }], ...(key === undefined ? {} : { key }) })),
    }).methods.map(({ keySuffix }) => keySuffix);

  it('not where every key has the method', () => {
    expect(suffixes(undefined, ['target', 'method', 'request.id'], ['method'])).toEqual(['', '', '']);
  });

  it('not for the only one whose keys have not', () => {
    expect(suffixes(undefined, ['target'], undefined)).toEqual(['', '', '']);
  });

  it('where another policy before may have the same keys', () => {
    expect(suffixes(['target'], undefined, ['target', 'request.id'], () => 'k')).toEqual(['', '', '#methods[2]', '#methods[3]']);
  });
});

describe('refuses', () => {
  it.each<[unknown, string]>([
    [null, ': is null; expected a policy, such as { methods: [{ deadline: 20ms }] }'],
    [[], ': is a list; expected a policy, such as { methods: [{ deadline: 20ms }] }'],
    ['methods', ': is "methods"; expected a policy, such as { methods: [{ deadline: 20ms }] }'],
    [{ methods: {} }, 'methods: is an object; expected a list of policies, such as [{ name: [{}], deadline: 20ms }]'],
    [{ methods: null }, 'methods: is null; expected a list of policies, such as [{ name: [{}], deadline: 20ms }]'],
    [{ method: [] }, 'method: is not an option here; did you mean "methods"?'],
    [{ maxBreakers: '10' }, 'maxBreakers: is "10"; expected a whole number of breakers, such as 10000'],
    [{ maxBreakers: 2.5 }, 'maxBreakers: is 2.5; expected a whole number of breakers, such as 10000'],
    [{ maxBreakers: 0 }, 'maxBreakers: is 0; expected at least 1'],
    [{ maxBreakers: 10_000_001 }, 'maxBreakers: is 10000001; expected at most 10000000'],
    [{ methods: [{ name: [] }] }, 'methods[0].name: is empty; expected at least one name ([{}] names every method)'],
    [
      { methods: [{ name: { service: 'a.B' } }] },
      'methods[0].name: is an object; expected a list such as [{ service: pkg.Service, method: Method }]',
    ],
    [{ methods: [{ name: [{ method: 'Ask' }] }] }, 'methods[0].name[0]: names a method without its service; add service'],
    [{ methods: [{ name: [{ servce: 'a.B' }] }] }, 'methods[0].name[0].servce: is not an option here; did you mean "service"?'],
    [{ methods: [{ deadline: 20 }] }, expect.stringMatching(/^methods\[0\]\.deadline: 20 is not a duration/)],
    [{ methods: [{ deadLine: '1s' }] }, 'methods[0].deadLine: is not an option here; did you mean "deadline"?'],
    [
      { methods: [{ failureCodes: 'UNAVAILABLE' }] },
      'methods[0].failureCodes: is "UNAVAILABLE"; expected a list of status names, such as [UNAVAILABLE]',
    ],
    [
      { methods: [{ failureCodes: ['unavailable'] }] },
      expect.stringMatching(/^methods\[0\]\.failureCodes\[0\]: "unavailable" is not a gRPC status; /),
    ],
    [
      { methods: [{ failureCodes: ['UNAVAILBLE'] }] },
      'methods[0].failureCodes[0]: "UNAVAILBLE" is not a gRPC status; did you mean UNAVAILABLE?',
    ],
    [
      { methods: [{ failureCodes: ['X'] }] },
      expect.stringMatching(/^methods\[0\]\.failureCodes\[0\]: "X" is not a gRPC status; /),
    ],
    [
      { methods: [{ failureCodes: ['OK'] }] },
      'methods[0].failureCodes[0]: OK cannot be a failure; use classify to judge answers',
    ],
    [{ methods: [{ failureCodes: [14] }] }, expect.stringMatching(/^methods\[0\]\.failureCodes\[0\]: /)],
    [
      { methods: [{ classify: 1 }] },
      'methods[0].classify: is 1; expected a function (status, response) => outcome, or the name of a registered one',
    ],
    [
      { methods: [{ failureWhen: 'response.' }] },
      'methods[0].failureWhen: is no path of a field; expected one such as response.error_message',
    ],
    [
      { methods: [{ fallback: { on: ['failed'], sources: [{ message: {}, when: { failed: ['NOT_FOUND', 'INTERNAL'] } }] } }] },
      'methods[0].fallback.sources[0].when: names NOT_FOUND, no failure here, and "on" asks for failures only; add { failed: [NOT_FOUND] } to "on"',
    ],
    [
      { methods: [{ rejectionStatus: 'OK' }] },
      'methods[0].rejectionStatus: OK is no failure; expected the name of another gRPC status, such as UNAVAILABLE',
    ],
    [
      { methods: [{ key: 'target' }] },
      'methods[0].key: "target" is no name of a function; expected a list such as [target, method, request.model_name]',
    ],
    [
      { methods: [{ trip: { failurRate: {} } }] },
      'methods[0].trip.failurRate: is not an option here; did you mean "failureRate"?',
    ],
    [
      { methods: [{}, { name: [{ service: 'a.B' }], openFor: '60s', backoff: { max: '1s' } }] },
      expect.stringMatching(/^methods\[1\]\.backoff\.max: is 1000 ms/),
    ],
  ])('%j', (policy, problem) => {
    expect(problemsOf(() => parsePolicy(policy))).toEqual([problem]);
  });

  it.each<[string, unknown[], string]>([
    [
      'every method twice',
      [{}, { name: [{}] }],
      'methods[1].name[0]: names every method again, which methods[0].name[0] did; each name may stand once',
    ],
    [
      'a service twice',
      [{ name: [{ service: 'a.B' }] }, { name: [{ service: 'a.C' }, { service: 'a.B' }] }],
      'methods[1].name[1]: names a.B/ again, which methods[0].name[0] did; each name may stand once',
    ],
    [
      'a method twice in one policy',
      [
        {
          name: [
            { service: 'a.B', method: 'Ask' },
            { service: 'a.B', method: 'Ask' },
          ],
        },
      ],
      'methods[0].name[1]: names a.B/Ask again, which methods[0].name[0] did; each name may stand once',
    ],
  ])('%s', (_, methods, problem) => {
    expect(problemsOf(() => parsePolicy({ methods }))).toEqual([problem]);
  });

  it('with every problem at once, each with its path, and what it was', () => {
    const policy = {
      maxBreakers: 0,
      methods: [
        { openFor: '5', trip: { failurRate: {} }, failureCodes: ['UNAVAILBLE', 'LOST'] },
        { name: [{ method: 'x' }], key: ['targt'], fallback: { sources: [] }, deadline: 1 },
      ],
    };
    const problems = problemsOf(() => parsePolicy(policy));
    expect(problems.map((problem) => problem.slice(0, problem.indexOf(':')))).toEqual([
      'maxBreakers',
      'methods[0].failureCodes[0]',
      'methods[0].failureCodes[1]',
      'methods[0].trip.failurRate',
      'methods[0].openFor',
      'methods[1].name[0]',
      'methods[1].key[0]',
      'methods[1].deadline',
      'methods[1].fallback.sources',
    ]);
    expect(() => parsePolicy(policy, 'policy breakers.yaml')).toThrow(
      /^policy breakers\.yaml was refused, 9 problems:\n {2}maxBreakers: /,
    );
  });
});
