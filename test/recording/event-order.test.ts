import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventOrder, type Stage } from '../../src/recording/event-order.ts';
import { HORIZON_US } from '../../src/recording/format.ts';
import type { RecordedBreaker, ReplayCall } from '../../src/recording/replay-call.ts';

const BREAKER = { breaker: 0 } as RecordedBreaker;

/** Writes down what is told, and when. */
class Log implements Stage {
  readonly told: [what: 'start' | 'end', start: number, at: number][] = [];
  advancedUs = 0;
  underWay = 0;
  most = 0;
  advance(nowUs: number): void {
    expect(nowUs).toBeGreaterThanOrEqual(this.advancedUs);
    this.advancedUs = nowUs;
  }
  start({ startUs }: ReplayCall, nowUs: number): void {
    expect(nowUs).toBe(this.advancedUs);
    this.told.push(['start', startUs, nowUs]);
    this.most = Math.max(this.most, ++this.underWay);
  }
  answer(): void {}
  end({ startUs }: ReplayCall, nowUs: number): void {
    this.told.push(['end', startUs, nowUs]);
    this.underWay--;
  }
  note(): void {}
}

const durations = fc.oneof(
  fc.integer({ min: 0, max: 50_000 }),
  fc.constant(0),
  fc.integer({ min: HORIZON_US - 5, max: 20 * HORIZON_US }),
);
const traffic = fc.array(
  fc.record({ gapUs: fc.oneof(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 5_000_000 })), tookUs: durations }),
  {
    minLength: 1,
    maxLength: 150,
  },
);

it('tells starts and ends in the order of time, however long calls take', () => {
  fc.assert(
    fc.property(traffic, (given) => {
      let atUs = 0;
      const calls = given.map(({ gapUs, tookUs }, long) => ({ startUs: (atUs += gapUs), endUs: atUs + tookUs, long }));
      const log = new Log();
      const order = new EventOrder(log, 0, HORIZON_US);
      const open = new Map(calls.map((call) => [call.long, call]));
      const written = new Set<number>();
      const begin = (startUs: number) => Object.assign(order.make(), { breaker: BREAKER, startUs });
      for (const { startUs, endUs, long } of calls.toSorted((one, other) => one.endUs - other.endUs)) {
        // As the recorder does: those that have been under way for long come before.
        for (const other of open.values()) {
          if (other.startUs >= endUs - HORIZON_US || written.has(other.long)) continue;
          written.add(other.long);
          order.underWay(other.long, begin(other.startUs));
        }
        open.delete(long);
        const known = written.has(long) ? order.longOf(long) : undefined;
        const call = Object.assign(known ?? begin(startUs), { endUs });
        if (known === undefined) order.ended(call);
        else order.longEnded(call);
      }
      order.finish();
      expect(order.late).toBe(0);
      expect(log.told.map(([, , at]) => at)).toEqual(log.told.map(([what, start, at]) => (what === 'start' ? start : at)));
      const of = (kind: 'start' | 'end') => log.told.filter(([what]) => what === kind);
      expect(of('start').map(([, start]) => start)).toEqual(calls.map(({ startUs }) => startUs));
      expect(of('end').map(([, , at]) => at)).toEqual(calls.map(({ endUs }) => endUs).toSorted((one, other) => one - other));
      expect(log.underWay).toBe(0);
    }),
    { numRuns: 300 },
  );
});

it('keeps no more calls than those of the look ahead and those under way', () => {
  const made = new Set<ReplayCall>();
  const order = new EventOrder(new Log(), 0, HORIZON_US);
  for (let n = 0; n < 50_000; n++) {
    const call = Object.assign(order.make(), { breaker: BREAKER, startUs: n * 1_000, endUs: n * 1_000 + 20_000 });
    made.add(call);
    order.ended(call);
  }
  // A second, and the slack, of 1,000 a second.
  expect(made.size).toBeLessThan(1_400);
});
