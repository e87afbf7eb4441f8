import { describe, expect, it } from 'vitest';
import { type FallbackCallOptions, fallbackCallSchema } from '../../src/policy/fallback-call-options.ts';
import { parsePolicy } from '../../src/policy/policy.ts';
import { problemsOf } from './helpers.ts';

/** What is wrong with the options of a source, with the path within it. */
function problems(call: unknown): string[] {
  const sources = [{ call }];
  const all = problemsOf(() => parsePolicy({ methods: [{ fallback: { sources } }] }));
  return all.map((problem) => problem.replace('methods[0].fallback.sources[0].call', ''));
}

const CLIENT = { target: '127.0.0.1:1', credentials: {}, options: { 'grpc.keepalive_time_ms': 1 } };

describe('reads', () => {
  const defaults = {
    client: 'smaller',
    method: undefined,
    request: undefined,
    response: undefined,
    share: 1,
    forwardMetadata: true,
  };
  const map = () => ({});

  it.each<[string, Partial<FallbackCallOptions>, object]>([
    ['the name of a client', {}, {}],
    ['a client', { client: CLIENT }, { client: CLIENT }],
    [
      'another method',
      { method: 'inference.GRPCInferenceService/ModelInfer' },
      { method: 'inference.GRPCInferenceService/ModelInfer' },
    ],
    ['mappers', { request: map, response: map }, { request: map, response: map }],
    ['the names of mappers', { request: 'toSmall', response: 'fromSmall' }, { request: 'toSmall', response: 'fromSmall' }],
    ['a share', { share: '40%' }, { share: 0.4 }],
    ['a share as a number', { share: 0.25 }, { share: 0.25 }],
    ['all of the time', { share: '100%' }, { share: 1 }],
    ['no metadata', { forwardMetadata: false }, { forwardMetadata: false }],
  ])('%s', (_, options, expected) => {
    expect(fallbackCallSchema.parse({ client: 'smaller', ...options })).toEqual({ ...defaults, ...expected });
  });
});

describe('is refused', () => {
  const NAME = 'expected the name of one of the clients, such as cheap, or (in code) { target, credentials }';
  const SHARE = 'expected "50%" or a number from 0 to 1';
  const METHOD = 'expected a method such as pkg.Service/Method';
  const client = 'smaller';

  it.each<[unknown, string]>([
    [null, ': is null; expected an object with client, such as { client: smaller }'],
    ['smaller', ': is "smaller"; expected an object with client, such as { client: smaller }'],
    [{}, `.client: is missing; ${NAME}`],
    [{ client: '' }, `.client: is ""; ${NAME}`],
    [{ client: 5 }, `.client: is 5; ${NAME}`],
    [{ client: { ...CLIENT, target: '' } }, '.client.target: is ""; expected an address, such as "models:8001"'],
    [
      { client: { target: 'a:1' } },
      expect.stringMatching(
        /^\.client\.credentials: is missing; expected channel credentials .* a document has its clients under/,
      ),
    ],
    [{ client: { ...CLIENT, options: 5 } }, '.client.options: is 5; expected client options of grpc-js'],
    [
      { client: { ...CLIENT, channel: {} } },
      '.client.channel: is not an option here; known options: target, credentials, options',
    ],
    [{ client, method: 'ModelInfer' }, `.method: is "ModelInfer"; ${METHOD}`],
    [{ client, method: '/a.B/C' }, `.method: is "/a.B/C"; ${METHOD}`],
    [
      { client, request: 5 },
      '.request: is 5; expected a function (request, context) => request, or the name of a registered one',
    ],
    [
      { client, request: '' },
      '.request: is ""; expected a function (request, context) => request, or the name of a registered one',
    ],
    [
      { client, response: {} },
      '.response: is an object; expected a function (response, request) => response, or the name of a registered one',
    ],
    [{ client, share: 0 }, '.share: 0 leaves no time; expected a share over 0, such as "50%"'],
    [{ client, share: '120%' }, `.share: "120%" is not a share; ${SHARE}`],
    [{ client, share: -0.5 }, `.share: -0.5 is not a share; ${SHARE}`],
    [{ client, share: 'half' }, `.share: "half" is not a share; ${SHARE}`],
    [{ client, forwardMetadata: 'yes' }, '.forwardMetadata: is "yes"; expected true or false'],
    [{ client, forwardmetadata: true }, '.forwardmetadata: is not an option here; did you mean "forwardMetadata"?'],
  ])('%j', (options, problem) => {
    expect(problems(options)).toEqual([problem]);
  });

  it('without what may be secret in it', () => {
    expect(problems({ client: { target: 'a:1', credentials: 'hunter2', options: 5 } }).join()).not.toContain('hunter2');
  });
});
