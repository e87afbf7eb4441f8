import { expect, it, vi } from 'vitest';
import { ConfigError, isConfigError } from '../../src/core/errors.ts';

const problem = { path: 'methods[0].openFor', message: 'is not a duration' };

it('lists every problem with its path', () => {
  const error = new ConfigError('policy a.yaml', [problem, { path: '', message: 'is empty' }]);
  expect(error.message).toBe('policy a.yaml was refused, 2 problems:\n  methods[0].openFor: is not a duration\n  is empty');
  expect(error.problems).toEqual([problem, { path: '', message: 'is empty' }]);
  expect([error.name, error instanceof Error]).toEqual(['ConfigError', true]);
});

it('counts one problem as one', () => {
  expect(new ConfigError('policy', [problem]).message).toContain('1 problem:');
});

it('is recognised, also from another copy of the package', async () => {
  vi.resetModules();
  const copy = await import('../../src/core/errors.ts');
  const error = new copy.ConfigError('policy', [problem]);
  expect(error).not.toBeInstanceOf(ConfigError);
  expect(isConfigError(error)).toBe(true);
  expect(isConfigError(new ConfigError('policy', []))).toBe(true);
});

it.each([new Error('other'), { brand: 'other' }, null, undefined, 'ConfigError', 7])('is not %o', (error) => {
  expect(isConfigError(error)).toBe(false);
});
