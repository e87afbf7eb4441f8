import { describe, expect, it } from 'vitest';
import { ChartPlans } from '../../../../src/core/trip/adaptive/chart-plan.ts';
import { TrialEvidence, type TrialsSay } from '../../../../src/core/trip/adaptive/trial-evidence.ts';
import { seeded } from '../../helpers/random.ts';

const PLANS = new ChartPlans(0.2, 10_000_000);

/** One round with trials that fail by chance; what it says in the end, and after how many. */
function round(failing: number, slow: number, random: () => number, usual = 0.002): { says: TrialsSay; trials: number } {
  const evidence = new TrialEvidence();
  const plan = PLANS.for(usual);
  for (;;) {
    const failed = random() < failing;
    const says = evidence.record(failed, !failed && random() < slow ? 50 : 5, 30, plan, plan);
    if (says !== 'unclear') return { says, trials: evidence.trials };
  }
}

function rounds(failing: number, slow = 0, usual = 0.002): { recovered: number; trials: number } {
  const random = seeded(21);
  const all = Array.from({ length: 4_000 }, () => round(failing, slow, random, usual));
  return {
    recovered: all.filter(({ says }) => says === 'recovered').length / all.length,
    trials: all.reduce((sum, { trials }) => sum + trials, 0) / all.length,
  };
}

describe('a sick dependency', () => {
  it.each([0.3, 0.5, 1])('that fails %d of its calls is taken for a healthy one in fewer than 2 %% of rounds', (failing) => {
    expect(rounds(failing).recovered).toBeLessThan(0.02);
    expect(rounds(failing).trials).toBeLessThan(5);
  });

  it('that is slow in 30 % of its calls, too', () => {
    expect(rounds(0, 0.3).recovered).toBeLessThan(0.02);
  });

  it('that fails 30 %, too, where 3 % are usual', () => {
    expect(rounds(0.3, 0, 0.03).recovered).toBeLessThan(0.03);
  });
});

describe('a healthy dependency', () => {
  it.each([
    [0, 0.002, 1],
    [0.001, 0.002, 0.97],
    [0.01, 0.015, 0.84],
    [0.03, 0.04, 0.7],
  ])('that fails %d, where %d is usual, recovers in %d of rounds', (failing, usual, least) => {
    expect(rounds(failing, 0, usual).recovered).toBeGreaterThanOrEqual(least);
  });

  it('has recovered after 14 successes, by the defaults', () => {
    expect(round(0, 0, seeded(1))).toEqual({ says: 'recovered', trials: 14 });
  });
});

describe('a trial of unknown duration', () => {
  const plan = PLANS.for(0.001);

  it('is no evidence of latency, and does not stand in the way', () => {
    const evidence = new TrialEvidence();
    const says = Array.from({ length: 14 }, () => evidence.record(false, -1, 30, plan, plan));
    expect(says.slice(-2)).toEqual(['unclear', 'recovered']);
    expect(evidence.slow).toBe(0);
  });

  it('does not hide slow ones', () => {
    const evidence = new TrialEvidence();
    for (let i = 0; i < 12; i++) evidence.record(false, -1, 30, plan, plan);
    expect(evidence.record(false, 50, 30, plan, plan)).toBe('sick');
  });
});

it('counts trials, failures, slow ones, and the slowest that succeeded', () => {
  const evidence = new TrialEvidence();
  const plan = PLANS.prior;
  evidence.record(false, 40, 30, plan, plan);
  evidence.record(true, 900, 30, plan, plan);
  evidence.record(false, 7, 30, plan, plan);
  expect(evidence).toMatchObject({ trials: 3, failures: 1, slow: 2, slowestMs: 40 });
});

it('takes a fast failure for no evidence of speed', () => {
  const plan = PLANS.for(0.001);
  const mixed = new TrialEvidence();
  for (let i = 0; i < 3; i++) mixed.record(false, 5, 30, PLANS.for(0.1), plan);
  // Where failures are usual, one is not enough.
  expect(mixed.record(true, 0.1, 30, PLANS.for(0.1), plan)).toBe('unclear');
  expect(mixed.slow).toBe(0);
});
