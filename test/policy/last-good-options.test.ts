import { describe, expect, it } from 'vitest';
import { type LastGoodOptions, lastGoodSchema } from '../../src/policy/last-good-options.ts';
import { parsePolicy } from '../../src/policy/policy.ts';
import { problemsOf } from './helpers.ts';

/** What is wrong with the options of a source, with the path within it. */
function problems(lastGood: unknown): string[] {
  const sources = [{ lastGood }];
  const all = problemsOf(() => parsePolicy({ methods: [{ fallback: { sources } }] }));
  return all.map((problem) => problem.replace('methods[0].fallback.sources[0].lastGood', ''));
}

describe('reads', () => {
  const defaults = {
    maxAgeMs: 60_000,
    key: undefined,
    identity: ['authorization'],
    maxEntries: 10_000,
    maxBytes: 64 * 1_024 * 1_024,
    refreshAfterMs: 0,
  };
  const key = () => 'key';

  it.each<[string, Omit<LastGoodOptions, 'maxAge'>, object]>([
    ['the defaults', {}, {}],
    ['all of the request', { key: 'request' }, { key: undefined }],
    ['fields', { key: ['model_name', 'inputs.0.shape'] }, { key: [['model_name'], ['inputs', '0', 'shape']] }],
    ['a function', { key }, { key }],
    ['the name of a function', { key: 'byModel' }, { key: 'byModel' }],
    [
      'metadata entries in any spelling',
      { identity: ['Authorization', 'x-user.id_1'] },
      { identity: ['authorization', 'x-user.id_1'] },
    ],
    ['answers for everybody', { identity: [] }, { identity: [] }],
    ['bounds', { maxEntries: 1, maxBytes: '1.5KB' }, { maxEntries: 1, maxBytes: 1_536 }],
    ['a number of bytes', { maxBytes: 1 }, { maxBytes: 1 }],
    ['how often to store', { refreshAfter: '59s' }, { refreshAfterMs: 59_000 }],
  ])('%s', (_, options, expected) => {
    expect(lastGoodSchema.parse({ maxAge: '1m', ...options })).toEqual({ ...defaults, ...expected });
  });
});

describe('is refused', () => {
  const DURATION = 'expected a duration with its unit, such as "50ms", "5s" or "2m"';
  const KEY = 'expected "request", a list of fields such as [model_name], or a function';
  const FIELD = 'expected the path of a field of the request, such as model_name or inputs.0.shape';
  const ENTRIES = 'expected a whole number of answers from 1 to 1000000';
  const SIZE = 'expected a number of bytes, or one such as "512KB" or "64MB"';

  it.each<[unknown, string]>([
    [null, ': is null; expected an object with maxAge, such as { maxAge: 60s }'],
    ['60s', ': is "60s"; expected an object with maxAge, such as { maxAge: 60s }'],
    [{}, `.maxAge: is missing; ${DURATION}`],
    [{ maxAge: 60 }, `.maxAge: 60 is not a duration; ${DURATION}`],
    [{ maxAge: '0s' }, `.maxAge: "0s" is zero; ${DURATION}`],
    [
      { maxAge: '1s', ttl: '1s' },
      '.ttl: is not an option here; known options: maxAge, key, identity, maxEntries, maxBytes, refreshAfter',
    ],
    [{ maxAge: '1s', maxEntires: 5 }, '.maxEntires: is not an option here; did you mean "maxEntries"?'],
    [{ maxAge: '1s', key: 5 }, `.key: is 5; ${KEY}`],
    [{ maxAge: '1s', key: { model: 1 } }, `.key: is an object; ${KEY}`],
    [{ maxAge: '1s', key: '' }, `.key: is ""; ${KEY.replace('a function', 'the name of a registered function')}`],
    [{ maxAge: '1s', key: [] }, '.key: is empty; expected at least one field, or "request" for all of it'],
    [{ maxAge: '1s', key: ['a', 'b..c'] }, `.key[1]: is "b..c"; ${FIELD}`],
    [{ maxAge: '1s', key: ['0.a'] }, `.key[0]: is "0.a"; ${FIELD}`],
    [
      { maxAge: '1s', identity: 'authorization' },
      '.identity: is "authorization"; expected a list of metadata entries such as [authorization]; [] shares answers between callers',
    ],
    [{ maxAge: '1s', identity: ['a b'] }, '.identity[0]: is "a b"; expected the name of a metadata entry, such as authorization'],
    [{ maxAge: '1s', identity: [5] }, '.identity[0]: is 5; expected the name of a metadata entry, such as authorization'],
    [{ maxAge: '1s', maxEntries: 0 }, `.maxEntries: is 0; ${ENTRIES}`],
    [{ maxAge: '1s', maxEntries: 2.5 }, `.maxEntries: is 2.5; ${ENTRIES}`],
    [{ maxAge: '1s', maxEntries: 1_000_001 }, `.maxEntries: is 1000001; ${ENTRIES}`],
    [{ maxAge: '1s', maxEntries: '10' }, `.maxEntries: is "10"; ${ENTRIES}`],
    [{ maxAge: '1s', maxBytes: '5 apples' }, `.maxBytes: "5 apples" is not a size; ${SIZE}`],
    [{ maxAge: '1s', maxBytes: 0 }, `.maxBytes: 0 is not a size; ${SIZE}`],
    [
      { maxAge: '1s', refreshAfter: '1s' },
      '.refreshAfter: is not shorter than maxAge, so that answers would be too old before they are replaced; expected a shorter one',
    ],
  ])('%j', (options, problem) => {
    expect(problems(options)).toEqual([problem]);
  });

  it('with every problem at once', () => {
    expect(problems({ maxAge: 1, identity: [1, 'a', 2], maxEntries: 0 })).toHaveLength(4);
  });
});
