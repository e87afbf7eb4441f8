import { healthy, plain } from './build.ts';
import type { Condition, Scenario } from './scenario.ts';
import { spread } from './short-trouble.ts';

const LENGTH_MS = 300_000;
const TROUBLED_MS = 120_000;

const USUAL: Condition = healthy();
const LARGE: Condition = { ...USUAL, slowdown: 10 };

/** Whether a call is one of a share that is spread as if by chance (Knuth's multiplicative hash). */
function isLarge(index: number, share: number): boolean {
  return (Math.imul(index, 2_654_435_761) >>> 0) / 2 ** 32 < share;
}

/** Nothing that is worth a trip: usual errors, heavy tails, short bursts and pauses, slow changes. */
export function wellScenarios(): Scenario[] {
  return [
    ...[0.001, 0.005, 0.01, 0.03].map((share) =>
      plain(`healthy-${share * 100}`, `healthy, ${share * 100} % errors`, 200, LENGTH_MS, share),
    ),
    { ...plain('heavy-tails', 'healthy, heavy tails (99 % at 16 times the median)', 200, LENGTH_MS), sigma: 1.2 },
    ...[0.2, 0.3].map((share) => ({
      ...plain(`mixed-${share * 100}`, `healthy, ${share * 100} % of the requests take 10 times as long`, 200, LENGTH_MS),
      condition: (_now: number, index: number) => (isLarge(index, share) ? LARGE : USUAL),
    })),
    ...[200, 1_000].map((rate) => ({
      ...plain(`blips-at-${rate}`, `bursts of failures of 20 to 90 ms, ${rate} calls/s`, rate, TROUBLED_MS),
      ...spread(TROUBLED_MS, 3_000, [20, 30, 40, 50, 60, 70, 80, 90], { errorShare: 1, slowdown: 1 }),
    })),
    {
      ...plain('pauses', 'server pauses of 50 to 90 ms', 200, TROUBLED_MS),
      ...spread(TROUBLED_MS, 2_000, [50, 60, 70, 80, 90], undefined),
    },
    {
      ...plain('drift', 'latency drifts to twice the usual within 5 minutes', 200, LENGTH_MS),
      condition: (nowMs) => ({ errorShare: 0.001, slowdown: 1 + nowMs / LENGTH_MS }),
    },
    {
      ...plain('day', "a day's load curve within 5 minutes, 20 to 380 calls/s", 200, LENGTH_MS),
      topRate: 380,
      rate: (nowMs) => 200 - 180 * Math.cos((2 * Math.PI * nowMs) / LENGTH_MS),
      condition: (nowMs) => ({ errorShare: 0.001, slowdown: 1.3 - 0.3 * Math.cos((2 * Math.PI * nowMs) / LENGTH_MS) }),
    },
  ];
}
