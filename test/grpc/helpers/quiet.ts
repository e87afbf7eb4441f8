import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * Waits until a number has begun to grow and then stands still, such as what a transport has taken that nobody reads from.
 * @param read - the number
 * @param forMs - for so long
 */
export async function settled(read: () => number, forMs = 60): Promise<number> {
  for (const until = performance.now() + 3_000; read() === 0 && performance.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  let last = read();
  for (let since = performance.now(); performance.now() - since < forMs; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (read() === last) continue;
    last = read();
    since = performance.now();
  }
  return last;
}

/** This process was held up for longer than this, in milliseconds, when it is too busy for times to mean what they should. */
const BUSY_MS = 30;

/**
 * Runs a scenario that depends on deadlines firing in time; runs it again where it failed while this process was held up by the machine.
 * @param scenario - with its assertions; can be run several times
 */
export async function steadily(scenario: () => Promise<void>): Promise<void> {
  for (let triesLeft = 5; ; triesLeft--) {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    try {
      return await scenario();
    } catch (error) {
      if (triesLeft === 1 || delay.max / 1e6 < BUSY_MS) throw error;
    } finally {
      delay.disable();
    }
  }
}

/** Hands the event loop on, so many times. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
