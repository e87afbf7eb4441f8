import { expect, it } from 'vitest';
import { Adoption } from '../../../../src/core/trip/adaptive/adoption.ts';
import { USUAL_QUANTILE } from '../../../../src/core/trip/adaptive/latency-baseline.ts';

it('is due after so many rounds, with a high latency of them, not the highest', () => {
  const adoption = new Adoption(20);
  const slowest = Array.from({ length: 20 }, (_, i) => ((i * 7) % 20) + 1);
  const found = slowest.map((ms, round) => adoption.add(ms, round * 1_000));
  expect(found.slice(0, -1).every((latency) => latency === undefined)).toBe(true);
  expect(found.at(-1)).toBe(Math.ceil(USUAL_QUANTILE * 20));
});

it('begins again when a round was not so', () => {
  const adoption = new Adoption(3);
  adoption.add(50, 0);
  adoption.add(50, 1_000);
  adoption.clear();
  expect([adoption.add(40, 2_000), adoption.add(40, 3_000), adoption.add(41, 4_000)]).toEqual([undefined, undefined, 41]);
});

it('may be due after one round', () => {
  expect(new Adoption(1).add(33, 0)).toBe(33);
});

it('counts no round that comes within a second of the one before', () => {
  const adoption = new Adoption(3);
  const found = [0, 999, 1_000, 1_999, 2_000].map((atMs) => adoption.add(50, atMs));
  expect(found).toEqual([undefined, undefined, undefined, undefined, 50]);
});
