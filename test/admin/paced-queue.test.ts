import { describe, expect, it } from 'vitest';
import { PacedQueue } from '../../src/admin/paced-queue.ts';
import { ManualClock } from '../../src/testing/index.ts';

describe('a queue that gives way', () => {
  it('lets each have a step in turn, and pauses four times as long as it took, after a millisecond at least', async () => {
    const clock = new ManualClock();
    const left = new Map([
      ['a', 3],
      ['b', 2],
    ]);
    const log: string[] = [];
    const pauses: [ms: number, run: () => void][] = [];
    const queue = new PacedQueue<string>(
      (name) => {
        log.push(name);
        clock.advance(0.6);
        left.set(name, (left.get(name) ?? 0) - 1);
        if ((left.get(name) ?? 0) > 0) queue.add(name);
      },
      clock,
      (ms, run) => {
        pauses.push([ms, run]);
        return () => {};
      },
    );
    queue.add('a');
    queue.add('b');
    queue.add('a');
    expect(log).toEqual([]);
    await Promise.resolve();
    expect(log).toEqual(['a', 'b']);
    for (let pause = pauses.shift(); pause !== undefined; pause = pauses.shift()) {
      expect(pause[0]).toBeCloseTo(4.8);
      log.push('pause');
      pause[1]();
    }
    expect(log).toEqual(['a', 'b', 'pause', 'a', 'b', 'pause', 'a']);
    queue.add('c');
    await Promise.resolve();
    expect(log.at(-1)).toBe('c');
  });
});
