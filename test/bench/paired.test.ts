import { describe, expect, it } from 'vitest';
import { pairedRounds } from '../../bench/harness/paired.ts';

describe('paired rounds', () => {
  it('runs the subjects by turns, in alternating order, and compares them within each round', async () => {
    const turns: string[] = [];
    const spin = (name: string, steps: number) => ({
      name,
      run(calls: number) {
        turns.push(name);
        let sum = 0;
        for (let step = 0; step < calls * steps; step++) sum += Math.sqrt(step);
        if (sum < 0) throw new Error('never');
      },
    });
    const result = await pairedRounds([spin('a', 1_000), spin('b', 4_000)], { rounds: 6, batchMs: 5 });
    expect(turns.slice(-12).join('')).toBe('abbaabbaabba');
    expect(result.cost('a')).toHaveLength(6);
    // Four times the work is between two and eight times the cost on any machine that computes at all.
    const ratios = result.ratio('b', 'a').toSorted((one, other) => one - other);
    expect(ratios[3]).toBeGreaterThan(2);
    expect(ratios[2]).toBeLessThan(8);
    expect(result.difference('b', 'a')).toEqual(
      result.cost('b').map((cost, round) => cost - (result.cost('a')[round] as number)),
    );
    expect(() => result.cost('c')).toThrow('no subject c');
  });

  it('waits for subjects that are asynchronous', async () => {
    let under = 0;
    const wait = (name: string) => ({
      name,
      async run() {
        expect(++under).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        under--;
      },
    });
    await pairedRounds([wait('a'), wait('b')], { rounds: 3, batchMs: 0.1 });
  });
});
