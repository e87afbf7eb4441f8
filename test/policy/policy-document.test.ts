import { credentials } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { presets } from '../../src/policy/open-inference.ts';
import { type Policy, parsePolicy } from '../../src/policy/policy.ts';
import { policyDocument, writePolicy } from '../../src/policy/policy-document.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { problemsOf } from './helpers.ts';

const judge = () => undefined;
const makeKey = () => 'all';
const spare = { target: '127.0.0.1:9000', credentials: credentials.createInsecure() };

/** What a policy is after it was written and read. */
const throughText = (policy: Policy, format: 'yaml' | 'json') =>
  readPolicy(writePolicy(policy, format), { what: 'again', isJson: format === 'json' });

describe('the document form of a policy', () => {
  it('calls functions and clients by their names, and keeps everything else as it was written', () => {
    const policy: Policy = {
      maxBreakers: 5,
      presets: { judged: { classify: judge, jitter: '10%' } },
      methods: [
        {
          preset: 'judged',
          key: makeKey,
          openFor: '1.5s',
          fallback: { sources: [{ call: { client: spare, request: judge } }, { message: { call: { client: spare.target } } }] },
        },
      ],
    };
    expect(policyDocument(policy, { functions: { judge, makeKey }, clients: { spare } })).toEqual({
      maxBreakers: 5,
      presets: { judged: { classify: 'judge', jitter: '10%' } },
      methods: [
        {
          preset: 'judged',
          key: 'makeKey',
          openFor: '1.5s',
          fallback: {
            sources: [{ call: { client: 'spare', request: 'judge' } }, { message: { call: { client: '127.0.0.1:9000' } } }],
          },
        },
      ],
    });
  });

  it('is refused for code without a name, all of it at once', () => {
    const policy: Policy = { methods: [{ classify: judge, fallback: { sources: [{ call: { client: spare } }] } }] };
    expect(problemsOf(() => policyDocument(policy))).toEqual([
      expect.stringMatching(/^methods\[0\]\.classify: is a function that is registered under no name.*\{ functions: /),
      expect.stringMatching(
        /^methods\[0\]\.fallback\.sources\[0\]\.call\.client: is a client that is registered under no name.*\{ clients: /,
      ),
    ]);
  });

  it('has what it is told in place of code without a name, where it is only looked at', () => {
    const policy: Policy = { methods: [{ classify: judge, fallback: { sources: [{ call: { client: spare } }] } }] };
    expect(policyDocument(policy, { otherwise: (_code, path) => `(${path})` })).toEqual({
      methods: [
        {
          classify: '(methods[0].classify)',
          fallback: { sources: [{ call: { client: '(methods[0].fallback.sources[0].call.client)' } }] },
        },
      ],
    });
  });

  it('has the functions of the built-in preset by names of their own', () => {
    const policy: Policy = { methods: presets.openInference({ deadline: '20ms' }) };
    expect(parsePolicy(throughText(policyDocument(policy), 'yaml'))).toEqual(parsePolicy(policy));
  });

  it.each(['yaml', 'json'] as const)('comes back from %s', (format) => {
    const message = {
      dollars: '$HOME ${HOME} $$',
      texts: ['', ' ', 'null', '1', '1e3', '0x1', 'yes', '# no comment', '- a', 'a: b', '<<', '*a', 'a\nb\n', '\u2028\t'],
      numbers: [0, 1e300, -1.5, 9007199254740991, 2 ** 60, 1e21],
      nothing: null,
      '<<': { a: 1 },
      'key: with "all" {of} [it], #too': true,
    };
    const policy: Policy = { methods: [{ fallback: { sources: [{ message }] } }] };
    expect(throughText(policyDocument(policy), format)).toEqual(policy);
  });

  it('has bytes as base64, and 64-bit numbers as texts, as documents have them', () => {
    const message = { bytes: new Uint8Array([1, 2, 255]), buffer: Buffer.from('ab'), big: 9007199254740993n, gone: undefined };
    const document = policyDocument({ methods: [{ fallback: { sources: [{ message }] } }] });
    expect(document.methods).toEqual([
      { fallback: { sources: [{ message: { bytes: 'AQL/', buffer: 'YWI=', big: '9007199254740993' } }] } },
    ]);
  });
});
