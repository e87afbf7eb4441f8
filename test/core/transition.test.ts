import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLegalTransition, TRANSITIONS } from '../../src/core/transition.ts';
import { playSchedule } from './helpers/play-schedule.ts';
import { scheduleArb } from './helpers/schedule.ts';
import { STANDS, type Stand, settleAll, standing } from './helpers/stands.ts';

const STATES = ['closed', 'open', 'halfOpen'] as const;
const LEGAL = ['closed -> open', 'open -> halfOpen', 'open -> closed', 'halfOpen -> open', 'halfOpen -> closed'];
const HALF_AN_HOUR_MS = 1_800_000;

const ask = ({ breaker }: Stand): string => (breaker.tryAcquire() === null ? ' refused' : ' admitted');
const pass = ({ clock }: Stand): void => clock.advance(HALF_AN_HOUR_MS);

/** All that can happen. */
const EVENTS: Record<string, (stand: Stand) => string | void> = {
  'a call asks': ask,
  'one call succeeds': (stand) => stand.underWay[0]?.success(1),
  'all calls succeed': (stand) => settleAll(stand, 'success', 1),
  'all calls succeed slowly': (stand) => settleAll(stand, 'success', 26),
  'one call fails': (stand) => stand.underWay[0]?.failure(1),
  'all calls fail': (stand) => settleAll(stand, 'failure', 1),
  'all calls are ignored': (stand) => settleAll(stand, 'ignored', 1),
  'time passes': pass,
  'time passes, a call asks': (stand) => (pass(stand), ask(stand)),
  'time passes, all calls succeed': (stand) => (pass(stand), settleAll(stand, 'success', 1)),
  'time passes, all calls fail': (stand) => (pass(stand), settleAll(stand, 'failure', 1)),
  'time passes, all calls are ignored': (stand) => (pass(stand), settleAll(stand, 'ignored', 1)),
  'trip()': ({ breaker }) => void breaker.trip('hand'),
  'reset()': ({ breaker }) => breaker.reset(),
  'reset(), all calls fail': (stand) => (stand.breaker.reset(), settleAll(stand, 'failure', 1)),
  "override('forcedOpen')": ({ breaker }) => breaker.override('forcedOpen'),
  "override('forcedClosed')": ({ breaker }) => breaker.override('forcedClosed'),
  'override(null)': ({ breaker }) => breaker.override(null),
};

// Where each event leads, by the state that it comes in. `due` is open, and the next call is a trial.
const TABLE: Record<string, Record<keyof typeof STANDS, string>> = parse(`
  event                              | closed           | open             | trialDue          | oneTrial          | allTrials        | forcedOpen        | forcedClosed
  a call asks                        | closed admitted  | open refused     | halfOpen admitted | halfOpen admitted | halfOpen refused | open refused      | closed admitted
  one call succeeds                  | closed           | open             | due               | halfOpen          | halfOpen         | open              | closed
  all calls succeed                  | closed           | open             | due               | halfOpen          | closed           | open              | closed
  all calls succeed slowly           | closed           | open             | due               | open              | open             | open              | closed
  one call fails                     | closed           | open             | due               | open              | open             | open              | closed
  all calls fail                     | open             | open             | due               | open              | open             | open              | closed
  all calls are ignored              | closed           | open             | due               | halfOpen          | halfOpen         | open              | closed
  time passes                        | closed           | due              | due               | open              | open             | due               | closed
  time passes, a call asks           | closed admitted  | halfOpen admitted| halfOpen admitted | open refused      | open refused     | halfOpen admitted | closed admitted
  time passes, all calls succeed     | closed           | due              | due               | open              | open             | due               | closed
  time passes, all calls fail        | open             | due              | due               | open              | open             | due               | open
  time passes, all calls are ignored | closed           | due              | due               | halfOpen          | halfOpen         | due               | closed
  trip()                             | open             | open             | due               | open              | open             | open              | closed
  reset()                            | closed           | closed           | closed            | closed            | closed           | closed            | closed
  reset(), all calls fail            | closed           | closed           | closed            | closed            | closed           | closed            | closed
  override('forcedOpen')             | open             | open             | open              | open              | open             | open              | open
  override('forcedClosed')           | closed           | closed           | closed            | closed            | closed           | closed            | closed
  override(null)                     | closed           | open             | due               | halfOpen          | halfOpen         | due               | closed
`);

function parse(text: string): Record<string, Record<keyof typeof STANDS, string>> {
  const [head = [], ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return Object.fromEntries(
    rows.map((row) => [row[0], Object.fromEntries(head.slice(1).map((stand, i) => [stand, row[i + 1]]))]),
  ) as Record<string, Record<keyof typeof STANDS, string>>;
}

describe.each(Object.entries(EVENTS))('%s', (name, act) => {
  it.each(Object.keys(STANDS) as (keyof typeof STANDS)[])('when %s', (from) => {
    const stand = STANDS[from]();
    const saw = act(stand) ?? '';
    expect(standing(stand) + saw).toBe(TABLE[name]?.[from]);
  });
});

it('has a row in the table for every event, and no other', () => {
  expect(Object.keys(TABLE)).toEqual(Object.keys(EVENTS));
});

it('allows five transitions', () => {
  const pairs = STATES.flatMap((from) => STATES.map((to) => [from, to] as const));
  const legal = pairs.filter(([from, to]) => isLegalTransition(from, to)).map(([from, to]) => `${from} -> ${to}`);
  expect(legal.toSorted(byText)).toEqual(LEGAL.toSorted(byText));
  expect(TRANSITIONS).toEqual({ closed: ['open'], open: ['halfOpen', 'closed'], halfOpen: ['open', 'closed'] });
});

it('makes legal transitions only, each from where the one before led', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(scheduleArb, (schedule) => {
      let state = 'closed';
      for (const event of playSchedule(schedule).events) {
        if (event.type !== 'transition') continue;
        const transition = `${event.from} -> ${event.to}`;
        expect(LEGAL).toContain(transition);
        expect(event.from).toBe(state);
        state = event.to;
        seen.add(transition);
      }
    }),
    { numRuns: 500 },
  );
  expect([...seen].toSorted(byText)).toEqual(LEGAL.toSorted(byText));
});

function byText(a: string, b: string): number {
  return a.localeCompare(b);
}
