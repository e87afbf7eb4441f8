import { healthy, outage } from './build.ts';
import type { Scenario } from './scenario.ts';

const RATES = [20, 200, 1_000] as const;

/** Errors, slowness, replicas that are sick, and a server that hangs. */
export function sickScenarios(stretch: number): Scenario[] {
  return [
    ...[0.15, 0.3, 0.6, 1].flatMap((share) => RATES.map((rate) => errors(stretch, share, rate))),
    outage({
      name: 'error-bursts',
      title: 'errors in bursts of 200 ms, one a second',
      stretch,
      sick: (_now, _index, sinceMs) => (sinceMs % 1_000 < 200 ? { errorShare: 1, slowdown: 1 } : healthy()),
    }),
    ...[2, 4, 10].map((slowdown) =>
      outage({
        name: `latency-x${slowdown}`,
        title: `latency x${slowdown}, no errors`,
        stretch,
        sick: { errorShare: 0, slowdown },
      }),
    ),
    outage({
      name: 'one-of-three-slow',
      title: 'one replica of three slow (x10)',
      stretch,
      sick: (_now, index) => (index % 3 === 0 ? { errorShare: 0.001, slowdown: 10 } : healthy()),
    }),
    outage({
      name: 'one-of-five-dead',
      title: 'one replica of five dead',
      stretch,
      sick: (_now, index) => (index % 5 === 0 ? { errorShare: 1, slowdown: 1, refusesFast: true } : healthy()),
    }),
    outage({ name: 'hang', title: 'no answers at all', stretch, sick: { errorShare: 1, slowdown: 1, hangs: true } }),
  ];
}

function errors(stretch: number, share: number, rate: number): Scenario {
  return outage({
    name: `errors-${share * 100}-at-${rate}`,
    title: `${share * 100} % errors, ${rate} calls/s`,
    rate,
    stretch,
    sick: { errorShare: share, slowdown: 1 },
  });
}
