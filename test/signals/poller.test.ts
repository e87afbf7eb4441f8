import { describe, expect, it, onTestFinished } from 'vitest';
import { Poller, type Question } from '../../src/signals/poller.ts';

/** A poller that begins at once, and a listener of it that keeps what it hears. */
function polling(ask: Question<number>, everyMs: number) {
  const heard: unknown[] = [];
  let more = () => {};
  const poller = new Poller(ask, () => 0);
  const hear = (what: unknown) => {
    heard.push(what);
    more();
  };
  const listen = (pace: number) => {
    const remove = poller.add({
      everyMs: pace,
      answered: hear,
      failed: hear,
    });
    onTestFinished(remove);
    return remove;
  };
  const until = async (count: number) => {
    while (heard.length < count) await new Promise<void>((resolve) => void (more = resolve));
  };
  return { poller, heard, listen, until, remove: listen(everyMs) };
}

describe('Poller', () => {
  it('goes on asking after questions that fail', async () => {
    let asked = 0;
    const failure = new Error('down');
    const { heard, until } = polling(async () => {
      asked++;
      if (asked % 2 === 0) throw failure;
      return asked;
    }, 1);
    await until(4);
    expect(heard.slice(0, 4)).toEqual([1, failure, 3, failure]);
  });

  it('never asks while a question is under way, however long that takes', async () => {
    let underWay = 0;
    let most = 0;
    const { until } = polling(async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 15));
      return underWay--;
    }, 1);
    await until(4);
    expect(most).toBe(1);
  });

  it('keeps the pace from question to question, and lets each take as long', async () => {
    const at: number[] = [];
    const within: number[] = [];
    const { until } = polling(async (withinMs) => {
      at.push(performance.now());
      within.push(withinMs);
      await new Promise((resolve) => setTimeout(resolve, 90));
      return 1;
    }, 100);
    await until(4);
    const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    // Were the answer's time added, each would be 190 and more.
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(98);
    expect(Math.min(...pauses)).toBeLessThan(180);
    expect(within).toEqual(within.map(() => 100));
  });

  it('keeps the pace of the most eager listener, and tells all of them', async () => {
    const within: number[] = [];
    const { heard, listen, until } = polling(async (withinMs) => within.push(withinMs), 60_000);
    listen(2);
    await until(6);
    expect(within.slice(0, 3)).toEqual([2, 2, 2]);
    expect(heard.slice(0, 6)).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it.each([0, 0.5])('does not let an eager listener wait for the pause of one that is not, begun at %d of it', async (at) => {
    const poller = new Poller(
      async () => 1,
      () => at,
    );
    onTestFinished(poller.add({ everyMs: 3_600_000, answered: () => {}, failed: () => {} }));
    // The pause has begun: the first one, or that after a question.
    await new Promise<void>((resolve) => void setTimeout(resolve, 5));
    const heard = await new Promise<number>((resolve) => {
      onTestFinished(poller.add({ everyMs: 10, answered: resolve, failed: () => {} }));
    });
    expect(heard).toBe(1);
  });

  it('ends a question under way when nobody listens any more, tells nobody, and begins anew for the next', async () => {
    let begun = () => {};
    const asked = new Promise<void>((resolve) => void (begun = resolve));
    const signals: AbortSignal[] = [];
    const answers: ((value: number) => void)[] = [];
    const { poller, heard, listen, until, remove } = polling((_withinMs, stopped) => {
      signals.push(stopped);
      begun();
      return signals.length === 1 ? new Promise((resolve) => answers.push(resolve)) : Promise.resolve(2);
    }, 5);
    await asked;
    remove();
    expect([signals[0]?.aborted, poller.isIdle]).toEqual([true, true]);
    listen(5);
    answers[0]?.(1);
    await until(2);
    expect(heard).toEqual(heard.map(() => 2));
    expect(signals.slice(1).every(({ aborted }) => !aborted)).toBe(true);
  });

  it('begins at a random moment within a pace', async () => {
    const begun = performance.now();
    const poller = new Poller(
      async () => 1,
      () => 0.5,
    );
    await new Promise<void>((resolve) => {
      onTestFinished(poller.add({ everyMs: 300, answered: () => resolve(), failed: () => {} }));
    });
    const after = performance.now() - begun;
    expect(after).toBeGreaterThanOrEqual(149);
    expect(after).toBeLessThan(300);
  });
});
