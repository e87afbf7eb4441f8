import { describe, expect, it } from 'vitest';
import { type BreakerEvent, EventQueue } from '../../src/core/events.ts';
import { admit, call, make, makeTrialDue, story } from './helpers/make.ts';

const OPEN: BreakerEvent = { type: 'override', breaker: 'b', override: 'forcedOpen', reason: 'test', atMs: 0 };
const FREE: BreakerEvent = { ...OPEN, override: null };

describe('an event', () => {
  it('of a transition has all there is to know', () => {
    const { breaker, clock, events } = make({ name: 'prices', trip: { consecutiveFailures: 2 }, openFor: '3s' });
    clock.advance(70);
    call(breaker, 'failure', 2);
    expect(events).toEqual([
      {
        type: 'transition',
        breaker: 'prices',
        from: 'closed',
        to: 'open',
        verdict: { reason: 'consecutiveFailures', failures: 2, threshold: 2, evidence: expect.anything() },
        atMs: 70,
        lastedMs: 70,
        openForMs: 3_000,
        mode: 'enforce',
      },
    ]);
    expect(breaker.verdict).toBe(events[0]?.type === 'transition' ? events[0].verdict : undefined);
  });

  it('of an override too', () => {
    const { breaker, clock, events } = make({ name: 'prices' });
    clock.advance(70);
    breaker.override('forcedClosed', { reason: 'test' });
    expect(events).toEqual([{ type: 'override', breaker: 'prices', override: 'forcedClosed', reason: 'test', atMs: 70 }]);
  });

  it('has the numbers of the condition that tripped', () => {
    const window = { durationMs: 2_000, slices: 4 };
    const rate = { window: { duration: '2s', slices: 4 }, minCalls: 4 } as const;
    const { breaker, clock, events } = make({
      trip: { failureRate: rate, slowCallRate: { slowerThan: '25ms', threshold: '75%', ...rate } },
    });
    call(breaker, 'success', 2);
    call(breaker, 'failure', 2);
    expect(events.at(-1)).toMatchObject({
      verdict: { reason: 'failureRate', failures: 2, calls: 4, rate: 0.5, threshold: 0.5, window },
    });
    breaker.reset();
    clock.advance(100);
    call(breaker, 'success', 1);
    call(breaker, 'success', 3, 26);
    expect(events.at(-1)).toMatchObject({
      verdict: { reason: 'slowCallRate', slow: 3, calls: 4, rate: 0.75, threshold: 0.75, slowerThanMs: 25, window },
    });
  });

  it('comes after the change is done', () => {
    const made = make({ trials: 1 });
    const seen: unknown[] = [];
    made.breaker.subscribe((event) => {
      const { state, trialDue, retryInMs } = made.breaker.snapshot();
      if (event.type === 'transition') seen.push([event.to, state, trialDue, retryInMs]);
    });
    makeTrialDue(made);
    call(made.breaker, 'success');
    expect(seen).toEqual([
      ['open', 'open', false, 5_000],
      ['halfOpen', 'halfOpen', false, 0],
      ['closed', 'closed', false, 0],
    ]);
  });
});

describe('listeners', () => {
  it('hear every event in the order in which they subscribed, until they unsubscribe', () => {
    const { breaker } = make();
    const heard: string[] = [];
    const off = breaker.subscribe(() => heard.push('a'));
    breaker.subscribe(() => heard.push('b'));
    breaker.trip('test');
    off();
    off();
    breaker.reset();
    expect(heard).toEqual(['a', 'b', 'b']);
  });

  it('may be the same function twice, and unsubscribe one by one', () => {
    const { breaker } = make();
    let heard = 0;
    const listener = (): void => void heard++;
    const [first] = [breaker.subscribe(listener), breaker.subscribe(listener)];
    breaker.trip('test');
    expect(heard).toBe(2);
    first();
    breaker.reset();
    expect(heard).toBe(3);
  });

  it('may unsubscribe while they are told: the others still hear it', () => {
    const { breaker } = make();
    const heard: string[] = [];
    const off = breaker.subscribe(() => {
      heard.push('once');
      off();
    });
    breaker.subscribe(() => heard.push('always'));
    breaker.trip('test');
    breaker.reset();
    expect(heard).toEqual(['once', 'always', 'always']);
  });

  it('may subscribe another while they are told, which hears the next event', () => {
    const { breaker } = make();
    const heard: string[] = [];
    const off = breaker.subscribe(() => {
      off();
      breaker.subscribe((event) => heard.push(story([event])[0] ?? ''));
    });
    breaker.trip('test');
    breaker.reset();
    expect(heard).toEqual(['open -> closed: reset']);
  });
});

describe('a listener that acts', () => {
  it('may reset as half-open begins: the call is let through by the closed breaker', () => {
    const made = make();
    makeTrialDue(made);
    made.breaker.subscribe((event) => event.type === 'transition' && event.to === 'halfOpen' && made.breaker.reset());
    expect(made.breaker.tryAcquire()).not.toBeNull();
    expect(made.breaker.snapshot()).toMatchObject({ state: 'closed', counts: { rejected: { open: 0 } } });
  });

  it('tells everybody about one event before the next', () => {
    const { breaker } = make();
    const heard: string[] = [];
    breaker.subscribe((event) => {
      heard.push(`a ${story([event])[0]}`);
      if (event.type === 'transition' && event.to === 'open') breaker.reset();
    });
    breaker.subscribe((event) => heard.push(`b ${story([event])[0]}`));
    breaker.trip('test');
    expect(heard).toEqual([
      'a closed -> open: manual',
      'b closed -> open: manual',
      'a open -> closed: reset',
      'b open -> closed: reset',
    ]);
    expect(breaker.state).toBe('closed');
  });

  it('may ask for a permit: it is refused by a breaker that has just opened', () => {
    const { breaker } = make({ trip: { consecutiveFailures: 1 } });
    const permits: unknown[] = [];
    breaker.subscribe(() => permits.push(breaker.tryAcquire()));
    call(breaker, 'failure');
    expect(permits).toEqual([null]);
    expect(breaker.snapshot().counts.rejected.open).toBe(1);
  });

  it('may take the only trial: the call that was first is refused then', () => {
    const made = make({ trials: 1 });
    makeTrialDue(made);
    made.breaker.subscribe((event) => {
      if (event.type === 'transition' && event.to === 'halfOpen') admit(made.breaker);
    });
    expect(made.breaker.tryAcquire()).toBeNull();
    expect(made.breaker.snapshot()).toMatchObject({ state: 'halfOpen', inFlight: 1, counts: { rejected: { halfOpen: 1 } } });
  });

  it('may trip a breaker that has just become half-open: the call is refused', () => {
    const made = make();
    makeTrialDue(made);
    made.breaker.subscribe((event) => {
      if (event.type === 'transition' && event.to === 'halfOpen') made.breaker.trip('not yet');
    });
    expect(made.breaker.tryAcquire()).toBeNull();
    expect(story(made.events).slice(1)).toEqual(['open -> halfOpen: openPeriodOver', 'halfOpen -> open: manual']);
  });

  it('may reset when a trial fails, succeeds or expires', () => {
    for (const end of ['failure', 'success', 'lease'] as const) {
      const made = make({ trials: 1 });
      makeTrialDue(made);
      const permit = admit(made.breaker, 100);
      made.breaker.subscribe(() => made.breaker.reset());
      if (end === 'lease') made.clock.advance(100);
      if (end === 'failure') permit.failure(1);
      else permit.success(1);
      expect(made.breaker.snapshot()).toMatchObject({ state: 'closed', inFlight: 0 });
    }
  });

  it('may settle another call, whose result is late', () => {
    const { breaker } = make({ trip: { consecutiveFailures: 1 } });
    const other = admit(breaker);
    breaker.subscribe(() => other.failure(1));
    call(breaker, 'failure');
    expect(breaker.snapshot()).toMatchObject({ state: 'open', inFlight: 0, counts: { failure: 2 } });
  });
});

describe('a listener that fails', () => {
  it('changes nothing for the breaker and the other listeners, and is reported with its event', async () => {
    const reports: [unknown, BreakerEvent][] = [];
    const heard: BreakerEvent[] = [];
    const queue = new EventQueue((error, event) => reports.push([error, event]));
    queue.add(() => {
      throw new Error('thrown');
    });
    queue.add(() => Promise.reject(new Error('rejected')));
    queue.add((event) => heard.push(event));
    queue.emit(OPEN);
    queue.emit(FREE);
    await Promise.resolve();
    expect(heard).toEqual([OPEN, FREE]);
    expect(reports.map(([error, event]) => [(error as Error).message, event])).toEqual([
      ['thrown', OPEN],
      ['thrown', FREE],
      ['rejected', OPEN],
      ['rejected', FREE],
    ]);
  });

  it('may fail with any promise-like: a rejection is reported', () => {
    const reports: unknown[] = [];
    const queue = new EventQueue((error) => reports.push(error));
    // oxlint-disable-next-line unicorn/no-thenable -- users' promises need not be the platform's
    queue.add(() => ({ then: (_: unknown, onError: (error: string) => void) => onError('rejected') }));
    queue.emit(OPEN);
    expect(reports).toEqual(['rejected']);
  });

  it('throws nothing at the one who reports, where that fails too, or where nobody hears reports', () => {
    for (const onError of [
      undefined,
      () => {
        throw new Error('again');
      },
    ]) {
      const queue = new EventQueue(onError);
      let heard = 0;
      queue.add(() => {
        throw new Error('thrown');
      });
      queue.add(() => heard++);
      queue.emit(OPEN);
      queue.emit(FREE);
      expect(heard).toBe(2);
    }
  });
});

it('the first listener stays, and is told first', () => {
  const heard: string[] = [];
  const queue = new EventQueue(undefined, () => heard.push('first'));
  queue.add(() => heard.push('then'));
  queue.emit(OPEN);
  expect(heard).toEqual(['first', 'then']);
});
