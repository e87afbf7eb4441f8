import { expect, it, vi } from 'vitest';
import { sharedWeakMap } from '../../src/policy/shared-weak-map.ts';

it('is the same for every copy of the package', async () => {
  const mine = sharedWeakMap<string>('grpc-breaker.test');
  const object = {};
  mine.set(object, 'note');
  vi.resetModules();
  const copy = await import('../../src/policy/shared-weak-map.ts');
  expect(copy.sharedWeakMap).not.toBe(sharedWeakMap);
  expect(copy.sharedWeakMap<string>('grpc-breaker.test').get(object)).toBe('note');
});

it('is another for another name', () => {
  expect(sharedWeakMap('grpc-breaker.test')).not.toBe(sharedWeakMap('grpc-breaker.other'));
});
