import { expect, it } from 'vitest';
import { silence } from '../../src/core/silence.ts';

it('hears the error of a promise', async () => {
  const errors: unknown[] = [];
  silence(Promise.reject(new Error('lost')), (error) => errors.push(error));
  await Promise.resolve();
  expect(errors).toEqual([new Error('lost')]);
});

it.each([undefined, null, 0, 'text', {}, JSON.parse('{ "then": "later" }'), () => {}, Promise.resolve(1)])(
  'leaves %o alone',
  async (result) => {
    silence(result, () => expect.fail('there was no error'));
    await Promise.resolve();
  },
);
