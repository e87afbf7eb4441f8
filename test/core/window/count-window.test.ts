import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { CountWindow } from '../../../src/core/window/count-window.ts';
import { createWindow } from '../../../src/core/window/create-window.ts';

it('counts what a plain list of the last results counts', () => {
  const stepArb = fc.oneof(
    { weight: 30, arbitrary: fc.boolean() },
    { weight: 1, arbitrary: fc.constant('clear' as const) },
    { weight: 1, arbitrary: fc.constant('aYearPasses' as const) },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(stepArb, { maxLength: 300, size: 'max' }), (calls, steps) => {
      const window = new CountWindow(calls);
      let results: boolean[] = [];
      for (const step of steps) {
        if (step === 'clear') {
          window.clear();
          results = [];
        } else if (step === 'aYearPasses') window.advance(3e10);
        else {
          window.record(step, 0);
          results.push(step);
        }
        const last = results.slice(-calls);
        expect([window.total, window.hits]).toEqual([last.length, last.filter((hit) => hit).length]);
      }
    }),
    { numRuns: 300 },
  );
});

it('holds a million results', () => {
  const window = new CountWindow(1_000_000);
  for (let i = 0; i < 1_500_000; i++) window.record(i < 600_000, 0);
  expect([window.total, window.hits]).toEqual([1_000_000, 100_000]);
});

it('is what { calls } asks for', () => {
  expect(createWindow({ calls: 3 })).toBeInstanceOf(CountWindow);
});
