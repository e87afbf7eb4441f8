import { describe, expect, it } from 'vitest';
import { DEFAULT_KEY, type KeySpec, keySchema } from '../../src/policy/key-spec.ts';

const NOTHING = { function: undefined, target: false, method: false, values: [], needsRequest: false, isFixed: true };
const EXPECTED = 'expected target, method, request.<field> or metadata.<key>';

describe('a key', () => {
  it('is target and method, unless told otherwise', () => {
    expect(DEFAULT_KEY).toEqual({ ...NOTHING, target: true, method: true });
  });

  it.each<[string[], Partial<KeySpec>]>([
    [['target'], { target: true }],
    [['method', 'target'], { target: true, method: true }],
    [
      ['target', 'request.model_name'],
      {
        target: true,
        values: [{ from: 'request', path: ['model_name'], isOptional: false }],
        needsRequest: true,
        isFixed: false,
      },
    ],
    [
      ['request.model.id'],
      { values: [{ from: 'request', path: ['model', 'id'], isOptional: false }], needsRequest: true, isFixed: false },
    ],
    [['metadata.tenant'], { values: [{ from: 'metadata', key: 'tenant' }], isFixed: false }],
    [
      ['metadata.x-tenant.id', 'request.a', 'request.b'],
      {
        values: [
          { from: 'metadata', key: 'x-tenant.id' },
          { from: 'request', path: ['a'], isOptional: false },
          { from: 'request', path: ['b'], isOptional: false },
        ],
        needsRequest: true,
        isFixed: false,
      },
    ],
  ])('%j', (parts, spec) => {
    expect(keySchema.parse(parts)).toEqual({ ...NOTHING, ...spec });
  });

  it('may end in a field that requests may leave out', () => {
    expect(keySchema.parse(['target', 'request.model_version?']).values).toEqual([
      { from: 'request', path: ['model_version'], isOptional: true },
    ]);
    const early = keySchema.safeParse(['request.model_version?', 'request.model_name']).error?.issues[0]?.message;
    expect(early).toBe('has an optional part before others, so that two keys could not be told apart; put it last');
  });

  it('takes the names of metadata in any case, as gRPC does', () => {
    expect(keySchema.parse(['metadata.X-Tenant']).values).toEqual([{ from: 'metadata', key: 'x-tenant' }]);
  });

  it('may be a function, which is asked when the request is there', () => {
    const key = () => 'k';
    expect(keySchema.parse(key)).toEqual({ ...NOTHING, function: key, needsRequest: true, isFixed: false });
  });
});

describe('is refused', () => {
  const problemsWith = (key: unknown) =>
    keySchema.safeParse(key).error?.issues.map(({ path, message }) => [path.join('.'), message]);

  it.each([
    'model',
    'Target',
    'request',
    'request.',
    'request.a b',
    'request.1a',
    'request.a..b',
    'metadata',
    'metadata.',
    'metadata.a b',
    'metadata.trace-bin',
    'metadata.Trace-BIN',
    '',
  ])('%o', (part) => {
    expect(problemsWith(['target', part])).toEqual([['1', `"${part}" is not a key part; ${EXPECTED}`]]);
  });

  it('with every part that is wrong', () => {
    expect(problemsWith(['foo', 'target', 'bar'])?.map(([path]) => path)).toEqual(['0', '2']);
  });

  it.each(['target', 'request.model_name', 'metadata.tenant'])('%o, which is no list', (key) => {
    expect(problemsWith(key)).toEqual([
      ['', `"${key}" is no name of a function; expected a list such as [target, method, request.model_name]`],
    ]);
  });

  it.each([{}, 5, null])('%o', (key) => {
    expect(problemsWith(key)).toEqual([['', 'expected a list such as [target, method, request.model_name]']]);
  });

  it('when it is empty', () => {
    expect(problemsWith([])).toEqual([
      ['', 'is empty, which would be one breaker for everything; expected at least one of target, method'],
    ]);
  });
});
