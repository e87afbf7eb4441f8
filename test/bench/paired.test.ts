import { describe, expect, it, onTestFinished, vi } from 'vitest';
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

  it('has the time that a turn took beside its CPU time', async () => {
    let nowMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
    onTestFinished(() => clock.mockRestore());
    // A wait that takes no CPU.
    const idle = { name: 'idle', run: (calls: number) => void (nowMs += 50 * calls) };
    const result = await pairedRounds([idle], { rounds: 3, batchMs: 0.1 });
    expect(result.elapsed.cost('idle')).toEqual([50e6, 50e6, 50e6]);
    expect(Math.min(...result.cost('idle'))).toBeLessThan(50e6);
  });
});
