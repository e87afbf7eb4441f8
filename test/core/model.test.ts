import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { playSchedule } from './helpers/play-schedule.ts';
import { scheduleArb } from './helpers/schedule.ts';

const RUNS = 4_000;

/** All that can happen to a breaker. */
const EVERYTHING = [
  'closed -> open: consecutiveFailures',
  'closed -> open: failureRate',
  'closed -> open: forced',
  'closed -> open: manual',
  'closed -> open: rampFailed',
  'closed -> open: signal',
  'closed -> open: slowCallRate',
  'halfOpen -> closed: forced',
  'halfOpen -> closed: reset',
  'halfOpen -> closed: trialsSucceeded',
  'halfOpen -> open: forced',
  'halfOpen -> open: manual',
  'halfOpen -> open: signal',
  'halfOpen -> open: trialExpired',
  'halfOpen -> open: trialFailed',
  'halfOpen -> open: trialSlow',
  'open -> closed: forced',
  'open -> closed: reset',
  'open -> halfOpen: openPeriodOver',
  'override expired',
  'override hand',
  'override reset',
  'refused: concurrency',
  'refused: forced',
  'refused: halfOpen',
  'refused: open',
  'refused: ramp',
  'refused: shed',
];

it('does what a slow and obvious breaker does, whatever happens to it', { timeout: 60_000 }, () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(scheduleArb, (schedule) => {
      const { events, refusals } = playSchedule(schedule);
      for (const refusal of refusals) seen.add(`refused: ${refusal}`);
      for (const event of events) {
        const what =
          event.type === 'transition' ? `${event.from} -> ${event.to}: ${event.verdict.reason}` : `${event.type} ${event.reason}`;
        seen.add(what);
      }
    }),
    { numRuns: RUNS },
  );
  // The schedules went everywhere, or this would prove little.
  expect([...seen].toSorted((a, b) => a.localeCompare(b))).toEqual(EVERYTHING);
});
