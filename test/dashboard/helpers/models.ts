import type { Health, Model } from './world.ts';

const NAMES = [
  'imbalance-v3',
  'spread-forecast',
  'fraud-score',
  'churn-weekly',
  'basket-next',
  'pricing-eu',
  'pricing-us',
  'iris',
  'embedding-small',
  'embedding-large',
  'reranker',
  'toxicity',
];

/** Twenty minutes of several servers, as they are on a bad night: for pictures, and for tests that look at a lively page. */
export function nightModels(): Model[] {
  const calm = NAMES.flatMap((name, index) =>
    ['triton-a.models:8001', 'triton-b.models:8001'].map((target) =>
      model(target, name, (second) => ({ rate: wave(6 + index * 2, second, index), latencyMs: 5 + index * 1.5 })),
    ),
  );
  const faulty = [
    model(
      'mlserver-1.models:8081',
      'imbalance-v3',
      outage(24, [
        [240, 300],
        [610, 655],
        [870, 2_000],
      ]),
    ),
    model('mlserver-2.models:8081', 'imbalance-v3', outage(18, [[880, 893]])),
    model('mlserver-2.models:8081', 'spread-forecast', (second) => ({
      rate: 20,
      failing: second > 800 ? 0.37 : 0.01,
      latencyMs: 22,
    })),
    model('mlserver-2.models:8081', 'fraud-score', (second) => ({
      rate: wave(30, second, 3),
      failing: 0.002,
      latencyMs: second > 830 ? 31 : 10,
    })),
  ];
  const observed: Model[] = [
    { ...model('mlserver-3.models:8081', 'churn-weekly', outage(4, [[700, 2_000]])), method: 'ModelReady' },
    { ...model('mlserver-3.models:8081', 'basket-next', () => ({ rate: 3, latencyMs: 6 })), method: 'ModelReady' },
  ];
  return [...calm, ...faulty, ...observed];
}

function model(target: string, name: string, health: (second: number) => Health): Model {
  return { target, name, health };
}

/** Fails between these seconds, and is a little unwell all the time. */
function outage(rate: number, times: readonly (readonly [number, number])[]): (second: number) => Health {
  return (second) => {
    const isOut = times.some(([from, to]) => second >= from && second < to);
    return { rate: wave(rate, second, rate), failing: isOut ? 0.96 : 0.006, latencyMs: isOut ? 45 : 11 };
  };
}

function wave(rate: number, second: number, phase: number): number {
  return rate * (1 + 0.25 * Math.sin(second / 70 + phase) + 0.1 * Math.sin(second / 13 + phase * 2));
}
