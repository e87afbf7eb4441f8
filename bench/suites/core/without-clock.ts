import type { BareBreakerOptions, Outcome } from '../../../src/index.ts';
import type { Subject } from '../../harness/paired.ts';
import type { PackageEntry } from '../../harness/suite.ts';
import { emptySlot, OUTCOMES, refused, STEP_MS, settlePermit } from './calls.ts';

/** Its clock costs nothing, and the slot form is given the time: what the breaker itself costs. */
export function withoutClock(entry: PackageEntry): Subject[] {
  return [
    slotSubject(entry, 'slot.failureRate', { trip: { failureRate: {} } }),
    slotSubject(entry, 'slot.consecutiveFailures', { trip: { consecutiveFailures: 5 } }),
    slotSubject(entry, 'slot.adaptive', { trip: { adaptive: {} } }),
    publicSubject(entry, 'public.failureRate', { trip: { failureRate: {} } }),
    publicSubject(entry, 'public.consecutiveFailures', { trip: { consecutiveFailures: 5 } }),
    publicSubject(entry, 'public.adaptive', { trip: { adaptive: {} } }),
  ];
}

function slotSubject(entry: PackageEntry, name: string, options: BareBreakerOptions): Subject {
  const breaker = entry.createBreaker(options, { clock: { now: () => 0 } });
  const slot = emptySlot(entry);
  let now = 0.5;
  return {
    name,
    run(calls) {
      for (let call = 0; call < calls; call++) {
        now += STEP_MS;
        if (!breaker.acquire(slot, now, Infinity)) refused();
        breaker.settle(slot, OUTCOMES[call & 63] as Outcome, 1.5, now);
      }
    },
  };
}

function publicSubject(entry: PackageEntry, name: string, options: BareBreakerOptions): Subject {
  let now = 0.5;
  const breaker = entry.createBreaker(options, { clock: { now: () => now } });
  return {
    name,
    run(calls) {
      for (let call = 0; call < calls; call++) {
        now += STEP_MS;
        const permit = breaker.tryAcquire() ?? refused();
        settlePermit(permit, OUTCOMES[call & 63] as Outcome, 1.5);
      }
    },
  };
}
