import { describe, expect, it } from 'vitest';
import { createBreakers } from '../../src/create-breakers.ts';
import { presets } from '../../src/policy/open-inference.ts';
import { type Policy, parsePolicy } from '../../src/policy/policy.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { problemsOf } from './helpers.ts';

describe('presets', () => {
  const POLICY: Policy = {
    presets: {
      base: { deadline: '100ms', openFor: '1s', backoff: { factor: 3, max: '9s' } },
      fast: { preset: 'base', deadline: '20ms' },
      observed: { mode: 'observe', deadline: '50ms' },
    },
    methods: [
      { preset: 'fast' },
      { name: [{ service: 'a' }], preset: ['fast', 'observed'] },
      { name: [{ service: 'b' }], preset: ['observed', 'fast'], backoff: { max: '8s' }, openFor: '2s' },
    ],
  };

  it('are filled in: own options win, later presets over earlier ones, and nothing inside an option is merged', () => {
    const { methods } = parsePolicy(POLICY);
    const read = methods.map(({ deadlineMs, breaker }) => [
      deadlineMs,
      breaker.openForMs,
      breaker.backoffFactor,
      breaker.backoffMaxMs,
      breaker.mode,
    ]);
    expect(read).toEqual([
      [20, 1_000, 3, 9_000, 'enforce'],
      [50, 1_000, 3, 9_000, 'observe'],
      [20, 2_000, 2, 8_000, 'observe'],
    ]);
  });

  it('are the same as the options written out', () => {
    const { methods } = parsePolicy({ methods: [{ deadline: '20ms', openFor: '1s', backoff: { factor: 3, max: '9s' } }] });
    expect(parsePolicy({ ...POLICY, methods: POLICY.methods?.slice(0, 1) ?? [] }).methods).toEqual(methods);
  });

  it.each<[string, Policy, string[]]>([
    [
      'an unknown name, and the nearest one',
      { presets: { fast: {} }, methods: [{ preset: ['fast', 'fats'] }] },
      ['methods[0].preset[1]: names the preset "fats", which is not there; did you mean "fast"?'],
    ],
    [
      'a name where there are none',
      { methods: [{ preset: 'fast' }] },
      ['methods[0].preset: names the preset "fast", which is not there; the policy has no presets'],
    ],
    [
      'a circle',
      { presets: { a: { preset: 'b' }, b: { preset: 'c' }, c: { preset: 'a' } }, methods: [{ preset: 'a' }] },
      [
        'presets.a.preset: goes round in a circle: a, which takes b, which takes c, which takes a; remove one of them',
        'presets.b.preset: goes round in a circle: b, which takes c, which takes a, which takes b; remove one of them',
        'presets.c.preset: goes round in a circle: c, which takes a, which takes b, which takes c; remove one of them',
      ],
    ],
    [
      'a preset of itself',
      { presets: { a: { preset: 'a' } }, methods: [{}] },
      ['presets.a.preset: goes round in a circle: a, which takes a; remove one of them'],
    ],
    [
      'a mistake of a preset that several take, once',
      { presets: { a: { trials: 0 } }, methods: [{ preset: 'a' }, { name: [{ service: 'a' }], preset: 'a' }] },
      ['presets.a.trials: is 0; expected at least 1 (trials)'],
    ],
    [
      'a mistake of a preset that nobody takes',
      { presets: { a: { openFor: '9s', backoff: { max: '1s' } } }, methods: [{}] },
      ['presets.a.backoff.max: is 1000 ms, shorter than openFor (9000 ms); expected at least as long'],
    ],
    [
      'what a preset and its taker contradict',
      { presets: { a: { shed: {} } }, methods: [{ trip: { consecutiveFailures: 5 }, preset: 'a' }] },
      [
        'presets.a.shed: stands beside trip; a breaker sheds a share of calls, or it opens: remove one of them (where methods[0] takes it)',
      ],
    ],
  ])('are refused for %s', (_, policy, problems) => {
    expect(problemsOf(() => parsePolicy(policy))).toEqual(problems);
  });

  it('take no time to speak of where each takes the next one twice', () => {
    const names = Array.from({ length: 40 }, (_, index) => `p${index}`);
    const chain = names.map((name, index) => [name, { preset: [`p${index + 1}`, `p${index + 1}`] }] as const);
    const policy: Policy = { presets: { ...Object.fromEntries(chain), p40: { trials: 7 } }, methods: [{ preset: 'p0' }] };
    expect(parsePolicy(policy).methods[0]?.breaker.trials).toBe(7);
  });

  it('may hold options that fit only together with those of their taker', () => {
    const policy: Policy = { presets: { a: { backoff: { max: '100ms' } } }, methods: [{ preset: 'a', openFor: '50ms' }] };
    expect(parsePolicy(policy).methods[0]?.breaker).toMatchObject({ openForMs: 50, backoffMaxMs: 100 });
  });

  it('are blamed, with their line, for what is found when breakers are made', () => {
    const text = [
      'presets:',
      '  judged:',
      '    classify: byStatus',
      'methods:',
      '  - preset: judged',
      '  - name: [{ service: a.B }]',
      '    preset: judged',
      '    classify: bySttus',
    ].join('\n');
    const policy = readPolicy(text, { what: 'policy p.yaml' });
    const make = () => createBreakers(policy, { telemetry: false, functions: { byState: () => undefined } });
    expect(make).toThrow(
      [
        'policy p.yaml was refused, 2 problems:',
        '  line 3: presets.judged.classify: names the function "byStatus", which is not registered; did you mean "byState"? (where methods[0] takes it)',
        '  line 8: methods[1].classify: names the function "bySttus", which is not registered; registered are byState',
      ].join('\n'),
    );
  });

  it('share options by anchors and merge keys, too, which keep their lines', () => {
    const text =
      'presets: { base: &base { deadline: 20ms, openFor: 5 } }\nmethods:\n  - <<: *base\n    name: [{ service: a.B }]\n    trials: 2\n';
    expect(() => readPolicy(text, { what: 'p' })).toThrow(
      /line 1: presets\.base\.openFor: .*\n {2}line 1: methods\[0\]\.openFor: /,
    );
    const { methods } = readPolicy(text.replace('openFor: 5', 'openFor: 5s'), { what: 'p' });
    expect(methods).toEqual([{ deadline: '20ms', openFor: '5s', name: [{ service: 'a.B' }], trials: 2 }]);
  });
});

describe('openInference in a document', () => {
  it('is the preset of that name in code, with options of presets', () => {
    const options = { byVersion: false, deadline: '20ms', stream: { messageGap: '1s' } } as const;
    const document: Policy = {
      presets: { fast: { deadline: '20ms' } },
      methods: [{}, { openInference: { ...options, preset: 'fast' } }],
    };
    const plain = parsePolicy({ methods: [{}, ...presets.openInference(options)] }).methods;
    const read = parsePolicy(document).methods;
    expect(read.map(({ path }) => path)).toEqual([
      'methods[0]',
      'methods[1].openInference',
      'methods[1].openInference.ModelStreamInfer',
      'methods[1].openInference.others',
    ]);
    expect(read.map((method) => ({ ...method, path: '' }))).toEqual(plain.map((method) => ({ ...method, path: '' })));
  });

  it.each<[string, unknown, string[]]>([
    [
      'options beside it',
      { openInference: {}, deadline: '20ms' },
      ['methods[0].deadline: stands beside openInference, which has its own options; move it there, or to an entry of its own'],
    ],
    [
      'options that it has itself',
      { openInference: { key: ['target'] } },
      [expect.stringMatching(/^methods\[0\]\.openInference\.key: is not an option here/)],
    ],
    [
      'options that a preset brings and it has itself',
      { openInference: { preset: 'keyed' } },
      [
        'methods[0].openInference.preset: brings key of the preset keyed, and openInference has its own; take a preset without it',
      ],
    ],
    [
      'contradictions, once for all its methods',
      { openInference: { openFor: '5s', backoff: { max: '1s' } } },
      ['methods[0].openInference.backoff.max: is 1000 ms, shorter than openFor (5000 ms); expected at least as long'],
    ],
  ])('is refused for %s', (_, entry, problems) => {
    const policy = { presets: { keyed: { key: ['target'] } }, methods: [entry] };
    expect(problemsOf(() => parsePolicy(policy))).toEqual(problems);
  });

  it('is told at its entry what is wrong with the names that it has itself', () => {
    const text = 'methods:\n  - deadline: 1s\n  - openInference:\n      fallback: { sources: [{ message: {} }] }\n';
    const policy = readPolicy(text, { what: 'p' });
    const make = () => createBreakers(policy, { telemetry: false });
    expect(make).toThrow(
      /1 problem:\n {2}line 3: methods\[1\]\.openInference: has a fallback, but inference\.GRPCInferenceService is not registered/,
    );
  });

  it('is told where the fallback of its streams is wrong', () => {
    const text = 'methods:\n  - openInference:\n      streamFallback:\n        sources: [{ function: nobody }]\n';
    const policy = readPolicy(text, { what: 'p' });
    const service = { path: '/inference.GRPCInferenceService/ModelStreamInfer', requestStream: true, responseStream: true };
    const make = () => createBreakers(policy, { telemetry: false, services: [{ ModelStreamInfer: service } as never] });
    expect(make).toThrow(
      /line 4: methods\[0\]\.openInference\.streamFallback\.sources\[0\]\.function: names the function "nobody"/,
    );
  });
});
