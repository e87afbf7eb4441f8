import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Permit } from '../../src/core/permit.ts';
import { call, type Made, make } from './helpers/make.ts';

type Act = (made: Made, permits: Permit[]) => void;

const acquire: Act = ({ breaker }, permits) => {
  const permit = breaker.tryAcquire(100);
  if (permit !== null) permits.push(permit);
};

/** What a listener may do, in the middle of whatever caused its event. */
const ACTS: Record<string, Act> = {
  nothing: () => {},
  acquire,
  succeed: (_, permits) => permits.pop()?.success(1),
  fail: (_, permits) => permits.shift()?.failure(1),
  ignore: (_, permits) => permits.pop()?.ignore(),
  trip: ({ breaker }) => void breaker.trip('listener'),
  reset: ({ breaker }) => breaker.reset(),
  look: ({ breaker }) => void breaker.snapshot(),
};

/** What happens besides, outside of listeners. */
const STEPS: Record<string, Act> = {
  ...ACTS,
  failures: ({ breaker }) => void call(breaker, 'failure', 3),
  successes: ({ breaker }) => void call(breaker, 'success', 3),
  aMoment: ({ clock }) => clock.advance(100),
  aLease: ({ clock }) => clock.advance(1_000),
  anHour: ({ clock }) => clock.advance(3_600_000),
  forcedOpen: ({ breaker }) => breaker.override('forcedOpen', { forMs: 500 }),
  forcedClosed: ({ breaker }) => breaker.override('forcedClosed', { forMs: 500 }),
  free: ({ breaker }) => breaker.override(null),
};

const LEGAL = ['closed open', 'open halfOpen', 'open closed', 'halfOpen open', 'halfOpen closed'];

it('stays sound whatever its listeners do to it', () => {
  const reactionsArb = fc.array(fc.constantFrom(...Object.keys(ACTS)), { minLength: 1, maxLength: 6 });
  const stepsArb = fc.array(fc.constantFrom(...Object.keys(STEPS)), { maxLength: 60, size: 'max' });
  fc.assert(
    fc.property(reactionsArb, stepsArb, fc.integer({ min: 1, max: 3 }), (reactions, steps, trials) => {
      const made = make({ trip: { consecutiveFailures: 2 }, trials, openFor: '1s', lease: '500ms' });
      const { breaker, clock, events } = made;
      const permits: Permit[] = [];
      let reacted = 0;
      const off = breaker.subscribe((event) => {
        // A listener that reacts to every reaction of its own would never end.
        if (event.type !== 'transition' || reacted > 200) return;
        ACTS[reactions[reacted++ % reactions.length] ?? '']?.(made, permits);
      });
      for (const step of steps) STEPS[step]?.(made, permits);
      off();

      let state = 'closed';
      for (const event of events) {
        if (event.type !== 'transition') continue;
        expect(event.from).toBe(state);
        expect(LEGAL).toContain(`${event.from} ${event.to}`);
        state = event.to;
      }
      expect(breaker.state).toBe(state);
      expect(breaker.snapshot().inFlight).toBe(permits.length);

      // Left alone, it recovers: nothing holds it.
      for (const permit of permits) permit.ignore();
      for (let i = 0; i < 2; i++) {
        clock.advance(3_600_000);
        breaker.snapshot();
        call(breaker, 'success', trials);
      }
      expect(breaker.snapshot()).toMatchObject({ state: 'closed', inFlight: 0, override: null });
      expect(call(breaker, 'failure', 2)).toBe(true);
      expect(breaker.state).toBe('open');
    }),
    { numRuns: 3_000 },
  );
});
