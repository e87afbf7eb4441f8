import { describe, expect, it } from 'vitest';
import type { PrometheusConfig } from '../../src/policy/signal.ts';
import { Threshold } from '../../src/signals/threshold.ts';

const CONFIG: PrometheusConfig = {
  url: 'http://127.0.0.1:9090',
  query: 'x',
  above: 10,
  below: undefined,
  forMs: 10_000,
  everyMs: 5_000,
  maxAgeMs: 30_000,
};
const BELOW = { above: undefined, below: 3 };

/** Plays answers: a value (or series of values) or `null` for none, each at its second. Returns the seconds at which it fires. */
function firesAt(answers: readonly (readonly [second: number, value: number | number[] | null])[], config = {}): number[] {
  const threshold = new Threshold({ ...CONFIG, ...config });
  return answers.flatMap(([second, value]) => {
    const nowMs = second * 1000;
    if (value === null) {
      threshold.interrupt();
      return [];
    }
    const samples = [value].flat().map((each) => ({ labels: '', value: each, atMs: nowMs + 1e12 }));
    return threshold.judge(samples, nowMs, nowMs + 1e12).firing ? [second] : [];
  });
}

describe('Threshold', () => {
  it.each<[string, [number, number | number[] | null][], number[], object?]>([
    [
      'when it has held for `for`, and at each answer then',
      [
        [0, 11],
        [5, 11],
        [10, 11],
        [15, 12],
      ],
      [10, 15],
    ],
    [
      'not at the limit itself',
      [
        [0, 10],
        [5, 10],
        [10, 10],
        [15, 10],
      ],
      [],
    ],
    [
      'at once with `for: 0`',
      [
        [0, 11],
        [5, 9],
        [10, 11],
      ],
      [0, 10],
      { forMs: 0 },
    ],
    [
      'anew after an answer under the limit',
      [
        [0, 11],
        [5, 9],
        [10, 11],
        [15, 11],
        [20, 11],
      ],
      [20],
    ],
    [
      'under a lower limit',
      [
        [0, 2],
        [5, 2.9],
        [10, 0],
        [15, 3],
      ],
      [10],
      BELOW,
    ],
    ['for Infinity', [[0, Infinity]], [0], { forMs: 0 }],
    [
      'for any of several series, also when they take turns',
      [
        [0, [1, 11]],
        [5, [12, 1]],
        [10, [1, 1, 11]],
        [15, [9, 9]],
      ],
      [10],
    ],
    ['for any of several under a lower limit', [[0, [5, 1, 9]]], [0], { ...BELOW, forMs: 0 }],
    [
      'without the time that had no answer',
      [
        [0, 11],
        [5, null],
        [10, 11],
        [15, 11],
        [20, 11],
      ],
      [20],
    ],
    [
      'with the time from before an error',
      [
        [0, 11],
        [5, 11],
        [10, null],
        [15, 11],
        [20, 11],
      ],
      [20],
    ],
    [
      'still after an error while it fires',
      [
        [0, 11],
        [5, 11],
        [10, 11],
        [15, null],
        [20, 11],
      ],
      [10, 20],
    ],
    [
      'anew after maxAge without an answer',
      [
        [0, 11],
        [5, 11],
        [10, null],
        [36, 11],
        [41, 11],
        [46, 11],
      ],
      [46],
    ],
    [
      'anew after a pause of the process',
      [
        [0, 11],
        [5, 11],
        [3600, 11],
        [3605, 11],
        [3610, 11],
      ],
      [3610],
    ],
  ])('fires %s', (_name, answers, expected, config) => {
    expect(firesAt(answers, config)).toEqual(expected);
  });

  it('says the worst value, whose it is, the limit, and how many more there are', () => {
    const samples = [
      { labels: '{replica="0"}', value: 11, atMs: 0 },
      { labels: '{replica="1"}', value: 30, atMs: 0 },
      { labels: '{replica="2"}', value: 1, atMs: 0 },
    ];
    expect(new Threshold({ ...CONFIG, forMs: 0 }).judge(samples, 0, 0)).toEqual({
      firing: true,
      message: '30 {replica="1"} is over 10, and 1 more series',
      value: 30,
      threshold: 10,
      holdForMs: 7_500,
    });
    const below = new Threshold({ ...CONFIG, ...BELOW, forMs: 0 }).judge([{ labels: '', value: 1, atMs: 0 }], 0, 0);
    expect(below.message).toBe('1 is under 3');
  });

  it('says the value also where it is quiet', () => {
    const quiet = new Threshold(CONFIG).judge([{ labels: '', value: 4, atMs: 0 }], 0, 0);
    expect(quiet).toMatchObject({ firing: false, value: 4, message: undefined });
  });

  it('refuses samples that are too old, or from the future, and stays as it was', () => {
    const threshold = new Threshold({ ...CONFIG, forMs: 5_000 });
    const at = (atMs: number, value = 11) => [{ labels: '', value, atMs }];
    threshold.judge(at(100_000), 0, 100_000);
    expect(() => threshold.judge(at(60_000, 1), 1_000, 101_000)).toThrow(/41 s old \(maxAge is 30 s\).*clocks/);
    expect(() => threshold.judge(at(160_000, 1), 2_000, 102_000)).toThrow(/58 s in the future/);
    expect(threshold.judge(at(105_000), 5_000, 105_000).firing).toBe(true);
  });

  it('leaves old samples aside where others are fresh', () => {
    const samples = [
      { labels: '', value: 99, atMs: 0 },
      { labels: '', value: 1, atMs: 99_000 },
    ];
    expect(new Threshold({ ...CONFIG, forMs: 0 }).judge(samples, 0, 100_000)).toMatchObject({ firing: false, value: 1 });
  });
});
