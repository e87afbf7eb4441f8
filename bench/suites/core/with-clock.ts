import type { Outcome } from '../../../src/index.ts';
import type { Subject } from '../../harness/paired.ts';
import type { PackageEntry } from '../../harness/suite.ts';
import { emptySlot, OUTCOMES, refused, settlePermit } from './calls.ts';

const RATE = { trip: { failureRate: {} } };

/** The system clock, read as often as in use. */
export function withClock(entry: PackageEntry): Subject[] {
  return [slotted(entry), published(entry), timed(entry), { name: 'clock', run: readClock }];
}

/** As the interceptor does it: one look at the clock when the call begins and one when it ends. */
function slotted(entry: PackageEntry): Subject {
  const breaker = entry.createBreaker(RATE);
  const slot = emptySlot(entry);
  return {
    name: 'slot.failureRate.clock',
    run(calls) {
      for (let call = 0; call < calls; call++) {
        const started = performance.now();
        if (!breaker.acquire(slot, started, Infinity)) refused();
        const ended = performance.now();
        breaker.settle(slot, OUTCOMES[call & 63] as Outcome, ended - started, ended);
      }
    },
  };
}

/** The breaker reads the clock itself, once; its caller knows how long the call took. */
function published(entry: PackageEntry): Subject {
  const breaker = entry.createBreaker(RATE);
  return {
    name: 'public.failureRate.clock',
    run(calls) {
      for (let call = 0; call < calls; call++)
        settlePermit(breaker.tryAcquire() ?? refused(), OUTCOMES[call & 63] as Outcome, 1.5);
    },
  };
}

/** The same, and the caller takes the time with two looks of its own: three in all. */
function timed(entry: PackageEntry): Subject {
  const breaker = entry.createBreaker(RATE);
  return {
    name: 'public.failureRate.timed',
    run(calls) {
      for (let call = 0; call < calls; call++) {
        const permit = breaker.tryAcquire() ?? refused();
        const started = performance.now();
        settlePermit(permit, OUTCOMES[call & 63] as Outcome, performance.now() - started);
      }
    },
  };
}

function readClock(calls: number): void {
  let sum = 0;
  for (let call = 0; call < calls; call++) sum += performance.now();
  if (Number.isNaN(sum)) throw new Error('the clock does not tell the time');
}
