import { TICK_US } from './format.ts';

/** A tick that comes later than this is written down: a replay is to see what was seen live, when it was. In microseconds. */
const LATE_US = 3_000;

/** Finds the looks at calls under way that came late. */
export class LateTicks {
  #lastUs = 0;

  /**
   * A tick came.
   * @param oldestUs - when the oldest call under way began: ticks begin with the first, where none was
   * @returns how late it came; 0 where it came in time
   */
  tick(nowUs: number, oldestUs: number): number {
    const lateUs = nowUs - Math.max(this.#lastUs, oldestUs) - TICK_US;
    this.#lastUs = nowUs;
    return lateUs > LATE_US ? lateUs : 0;
  }
}
