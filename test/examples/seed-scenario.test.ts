import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../examples/random.ts';
import { ANSWERED, FAILED, REFUSED, runSeedScenario } from '../../examples/seed-scenario.ts';
import { ManualClock } from '../../src/testing/index.ts';

/** Plays the scenario with a model that fails where the script says so, and answers after its end. */
function play(calls: number, script: string): { states: string; texts: string[] } {
  let asked = 0;
  const random = () => (script[asked++] === 'f' ? 0 : 0.99);
  const lines = runSeedScenario({ calls, random, clock: new ManualClock() }).map((line) => line.trim().split(/ {2}/));
  return {
    states: lines.map((parts) => (parts[1] ?? '').charAt(0)).join(''),
    texts: lines.map((parts) => parts.at(-1)?.trim() ?? ''),
  };
}

describe('the seed scenario', () => {
  it('opens at the third failure in a row, refuses for 5 s, and closes after three trials', () => {
    const { states, texts } = play(11, 'fff');
    expect(states).toBe('ccooooohhcc');
    expect(texts).toEqual([FAILED, FAILED, FAILED, REFUSED, REFUSED, REFUSED, REFUSED, ANSWERED, ANSWERED, ANSWERED, ANSWERED]);
  });

  it('reopens for twice as long at a failed trial', () => {
    const { states, texts } = play(19, 'ffff');
    expect(states).toBe(`cc${'o'.repeat(15)}hh`);
    expect(texts.filter((text) => text === REFUSED)).toHaveLength(4 + 9);
  });

  it('does not open where failures do not come in a row', () => {
    const { states, texts } = play(12, 'ffaffaffaffa');
    expect(states).toBe('c'.repeat(12));
    expect(texts).not.toContain(REFUSED);
  });

  it('with a model that fails 7 times of 10, gives one text for a failed call and another for an open circuit, the same at each run', () => {
    const run = () => runSeedScenario({ calls: 1_000, random: seededRandom(64), clock: new ManualClock() });
    const lines = run();
    expect(run()).toEqual(lines);
    const share = (text: string) => lines.filter((line) => line.endsWith(text)).length;
    expect(share(ANSWERED) + share(FAILED) + share(REFUSED)).toBe(1_000);
    expect(share(FAILED) / (share(FAILED) + share(ANSWERED))).toBeGreaterThan(0.5);
    expect(share(REFUSED)).toBeGreaterThan(500);
  });
});
