import { expect, it } from 'vitest';
import { type FallbackInfo, fallbackOf, markFallback } from '../../src/policy/fallback-info.ts';

const INFO: FallbackInfo = { source: 'message', reason: 'rejected', ageMs: undefined, breaker: 'b', verdict: undefined };

it('tells a fallback from an answer, without changing it', () => {
  const response = Object.freeze({ price: 1 });
  markFallback(response, INFO);
  expect(fallbackOf(response)).toBe(INFO);
  expect(response).toEqual({ price: 1 });
  expect(fallbackOf({ price: 1 })).toBeUndefined();
});

it.each([undefined, null, 'text', 7])('has nothing to say of %o', (response) => {
  markFallback(response, INFO);
  expect(fallbackOf(response)).toBeUndefined();
});
