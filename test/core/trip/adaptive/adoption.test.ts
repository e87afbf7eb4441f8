import { expect, it } from 'vitest';
import { Adoption } from '../../../../src/core/trip/adaptive/adoption.ts';
import { USUAL_QUANTILE } from '../../../../src/core/trip/adaptive/latency-baseline.ts';

it('is due after so many rounds, with a high latency of them, not the highest', () => {
  const adoption = new Adoption(20);
  const slowest = Array.from({ length: 20 }, (_, i) => ((i * 7) % 20) + 1);
  const found = slowest.map((ms) => adoption.add(ms));
  expect(found.slice(0, -1).every((latency) => latency === undefined)).toBe(true);
  expect(found.at(-1)).toBe(Math.ceil(USUAL_QUANTILE * 20));
});

it('begins again when a round was not so', () => {
  const adoption = new Adoption(3);
  adoption.add(50);
  adoption.add(50);
  adoption.clear();
  expect([adoption.add(40), adoption.add(40), adoption.add(41)]).toEqual([undefined, undefined, 41]);
});

it('may be due after one round', () => {
  expect(new Adoption(1).add(33)).toBe(33);
});
