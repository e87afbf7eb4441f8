import { expect, it } from 'vitest';
import { fieldPredicate } from '../../src/policy/failure-when.ts';
import { loadScripted } from '../grpc/helpers/scripted-service.ts';

// A field says that a response reports a failure where it is not its default value, in whatever form the stubs have that.

const reads = (field: string) => fieldPredicate(`response.${field}`) as (response: unknown) => boolean;

it.each([
  ['in an object of its own', {}],
  ['as a text', { longs: String }],
  ['as a number', { longs: Number }],
])('a 64-bit number %s', (_form, options) => {
  const { responseSerialize, responseDeserialize } = loadScripted({ keepCase: true, defaults: true, ...options }).service[
    'Unary'
  ] as NonNullable<ReturnType<typeof loadScripted>['service'][string]>;
  const decoded = (volume: number | string) => responseDeserialize(responseSerialize({ volume }));
  expect([0, 1, -1, '4294967296'].map((volume) => reads('volume')(decoded(volume)))).toEqual([false, true, true, true]);
});

it.each<[string, unknown, boolean]>([
  ['empty bytes', Buffer.alloc(0), false],
  ['bytes', Buffer.from([0]), true],
  ['an empty list', [], false],
  ['an empty text', '', false],
  ['no message', null, false],
  ['an empty message', {}, true],
])('%s', (_what, field, reports) => {
  expect(reads('field')({ field })).toBe(reports);
});
