import { expect, it } from 'vitest';
import { ManualClock } from '../../src/testing/index.ts';

it('stands still until it is moved', () => {
  const clock = new ManualClock();
  expect([clock.now(), clock.now()]).toEqual([0, 0]);
  clock.advance(5);
  clock.advance(0);
  clock.advance(0.5);
  expect(clock.now()).toBe(5.5);
});

it('begins where it is told to', () => {
  expect(new ManualClock(1e9).now()).toBe(1e9);
});

it.each([-1, Number.NaN, Infinity, -Infinity])('does not go by %d', (ms) => {
  const clock = new ManualClock(7);
  expect(() => clock.advance(ms)).toThrow(RangeError);
  expect(clock.now()).toBe(7);
});
