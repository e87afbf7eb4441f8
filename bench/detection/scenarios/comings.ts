import { outage, TAIL_MS } from './build.ts';
import type { Condition, Scenario } from './scenario.ts';

const DOWN: Condition = { errorShare: 1, slowdown: 1, refusesFast: true };

/** How it begins and how it ends: cold starts, and recoveries. */
export function comingScenarios(stretch: number): Scenario[] {
  return [
    outage({
      name: 'cold-start',
      title: 'all calls fail from the first one on',
      warmUpMs: 0,
      stretch,
      sick: { errorShare: 1, slowdown: 1 },
    }),
    outage({
      name: 'cold-start-30',
      title: '30 % errors from the first call on',
      warmUpMs: 0,
      stretch,
      sick: { errorShare: 0.3, slowdown: 1 },
    }),
    ...[1, 10, 60].map((seconds) =>
      outage({
        name: `recovery-${seconds}s`,
        title: `recovery from an outage of ${seconds} s and more`,
        faultMs: seconds * 1_000,
        stretch,
        sick: DOWN,
      }),
    ),
    fiftyClients(stretch),
  ];
}

/** 50 clients of one server that comes back at half of the load it is used to, and takes 4 s until it serves one and a half times that. */
function fiftyClients(stretch: number): Scenario {
  const rate = 1_000;
  const scenario = outage({
    name: 'fifty-clients',
    title: '50 clients of one server that comes back cold',
    rate,
    stretch,
    sick: DOWN,
  });
  const upMs = scenario.faults[0]?.toMs ?? 0;
  const warmMs = 4_000;
  return {
    ...scenario,
    clients: 50,
    lengthMs: upMs + warmMs + TAIL_MS,
    recovering: [{ fromMs: upMs, toMs: upMs + warmMs }],
    capacity: {
      perSecond: (nowMs) => (nowMs < upMs ? 1.5 * rate : rate * Math.min(1.5, 0.5 + (nowMs - upMs) / warmMs)),
      longestQueueMs: 1_000,
    },
  };
}
