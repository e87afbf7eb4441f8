import { describe, expect, it } from 'vitest';
import { exitCodeOf, judgeGoals } from '../../bench/goals.ts';
import { measurement, poolMetrics } from '../../bench/harness/metric.ts';

const goals = [
  { what: 'quick', metric: 'a.cost', atMost: 10 },
  { what: 'small', metric: 'b.size', atMost: 5 },
];

describe('goals', () => {
  it('are judged by the median over the rounds of all processes, a figure at the limit being met', () => {
    const metrics = poolMetrics([
      [measurement('a.cost', 'cost', 'ns', [1, 10, 100]), measurement('b.size', 'size', 'MB', [4])],
      [measurement('a.cost', 'cost', 'ns', [10, 10]), measurement('b.size', 'size', 'MB', [9])],
    ]);
    expect(metrics.find(({ id }) => id === 'a.cost')).toMatchObject({ median: 10, min: 1, max: 100, rounds: 5 });
    expect(judgeGoals(metrics, goals)).toMatchObject([
      { what: 'quick', median: 10, isMet: true },
      { what: 'small', median: 6.5, isMet: false },
    ]);
  });

  it('fail a run only when one is missed and they are enforced', () => {
    const judge = (cost: number) => judgeGoals(poolMetrics([[measurement('a.cost', 'cost', 'ns', [cost])]]), goals);
    expect(exitCodeOf(judge(11), false)).toBe(0);
    expect(exitCodeOf(judge(10), true)).toBe(0);
    expect(exitCodeOf(judge(11), true)).toBe(1);
  });

  it('say nothing of what was not measured', () => {
    expect(judgeGoals(poolMetrics([[measurement('a.cost', 'cost', 'ns', [11])]]), goals)).toMatchObject([
      { what: 'quick', isMet: false },
    ]);
  });
});
