import { describe, expect, it } from 'vitest';
import type { Permit } from '../../../src/core/permit.ts';
import { admit, call, lastVerdict, type Made, make, story } from '../helpers/make.ts';
import { seeded } from '../helpers/random.ts';

const ADAPTIVE = { trip: { adaptive: { warmUp: 1_000 } }, openFor: '1s', backoff: { factor: 1 } } as const;

/** A breaker that knows a dependency with latencies of 5 ms, tripped, with a trial due. */
function due(options: Parameters<typeof make>[0] = {}): Made {
  const made = make({ ...ADAPTIVE, ...options });
  for (let i = 0; i < 6_000; i++) {
    made.clock.advance(1);
    call(made.breaker, 'success', 1, 5);
  }
  made.breaker.trip('test');
  made.clock.advance(1_000);
  return made;
}

/** One round with a dependency that fails a share of its calls; the state after it. */
function round(made: Made, failing: number, random: () => number, durationMs = 5): string {
  const isOver = () => made.breaker.state !== 'halfOpen';
  do {
    const permit = made.breaker.tryAcquire();
    if (permit === null) break;
    if (random() < failing) permit.failure(2);
    else permit.success(durationMs);
  } while (!isOver());
  return made.breaker.state;
}

/** How many of so many rounds close. */
function closed(rounds: number, failing: number): number {
  const made = due();
  const random = seeded(6);
  let count = 0;
  for (let i = 0; i < rounds; i++) {
    if (round(made, failing, random) === 'closed') {
      count++;
      made.breaker.trip('test');
    }
    made.clock.advance(1_000);
  }
  return count / rounds;
}

describe('evidence decides', () => {
  it.each([0.3, 0.5])('a dependency that fails %d of its calls closes in fewer than 2 %% of rounds', (failing) => {
    expect(closed(1_000, failing)).toBeLessThan(0.02);
  });

  it('a healthy one closes in nearly all', () => {
    expect(closed(500, 0)).toBe(1);
    expect(closed(500, 0.001)).toBeGreaterThan(0.95);
  });

  it('does not wait for a first trial that is lost: when it takes longer than is usual, others go out, and close it', () => {
    const made = due();
    const lost = admit(made.breaker);
    made.clock.advance(10); // under the slow limit of 15 ms
    expect(made.breaker.tryAcquire()).toBeNull();
    made.clock.advance(10);
    expect(made.breaker.snapshot().retryInMs).toBe(0);
    expect(round(made, 0, seeded(1))).toBe('closed');
    lost.failure(30_000);
    expect(made.breaker.state).toBe('closed');
  });

  it('says on what', () => {
    const made = due();
    round(made, 1, seeded(1));
    expect(lastVerdict(made.events)).toMatchObject({
      reason: 'trialsFailed',
      trials: 1,
      failures: 1,
      slow: 0,
      evidence: { bad: 1, calls: [{ failed: true, durationMs: 2 }] },
    });
    made.clock.advance(1_000);
    round(made, 0, seeded(1));
    expect(lastVerdict(made.events)).toEqual({ reason: 'trialsSucceeded', trials: 14 });
  });
});

describe('trials', () => {
  it('go out one first, then so many at a time', () => {
    const { breaker, clock } = due({ trials: 3 });
    const first = admit(breaker);
    expect(breaker.tryAcquire()).toBeNull();
    expect(breaker.rejection(clock.now()).reason).toBe('halfOpen');
    first.success(5);
    const next = [admit(breaker), admit(breaker), admit(breaker)];
    expect(breaker.tryAcquire()).toBeNull();
    next[0]?.success(5);
    expect(breaker.tryAcquire()).not.toBeNull();
    expect(breaker.tryAcquire()).toBeNull();
  });

  it('that are ignored are none: one goes first again', () => {
    const { breaker } = due();
    for (let i = 0; i < 100; i++) call(breaker, 'ignored');
    admit(breaker);
    expect(breaker.tryAcquire()).toBeNull();
    expect(breaker.state).toBe('halfOpen');
  });

  it('that hang cost their lease, whatever the others said', () => {
    const made = due({ lease: '2s' });
    call(made.breaker, 'success', 1, 5);
    admit(made.breaker);
    call(made.breaker, 'success', 5, 5);
    made.clock.advance(2_000);
    expect(made.breaker.snapshot().state).toBe('open');
    expect(lastVerdict(made.events)).toMatchObject({ reason: 'trialExpired', leaseMs: 2_000 });
  });

  it('of an earlier round say nothing in this one', () => {
    const made = due({ trials: 3 });
    call(made.breaker, 'success', 1, 5);
    const late = [admit(made.breaker), admit(made.breaker)];
    call(made.breaker, 'failure', 1, 2);
    expect(made.breaker.state).toBe('open');
    made.clock.advance(1_000);
    const first = admit(made.breaker);
    late[0]?.failure(1);
    late[1]?.success(1);
    expect([made.breaker.state, made.breaker.tryAcquire()]).toEqual(['halfOpen', null]);
    first.success(5);
    expect(round(made, 0, seeded(1))).toBe('closed');
  });
});

describe('streams', () => {
  const answer = (made: Made, durationMs?: number): Permit => {
    const permit = admit(made.breaker);
    made.breaker.answered(permit, durationMs);
    return permit;
  };

  it('have succeeded with their first message: long ones do not hold the breaker half-open', () => {
    const made = due();
    for (let i = 0; i < 14 && made.breaker.state !== 'closed'; i++) answer(made);
    expect(made.breaker.state).toBe('closed');
  });

  it('that fail after it are evidence against it', () => {
    const made = due();
    const stream = answer(made);
    expect(made.breaker.state).toBe('halfOpen');
    stream.failure(900);
    expect(lastVerdict(made.events)).toMatchObject({ reason: 'trialsFailed', trials: 2, failures: 1 });
  });

  it('that succeed after it count once', () => {
    const made = due();
    for (let i = 0; i < 6; i++) answer(made).success(900);
    expect(made.breaker.state).toBe('halfOpen');
  });

  it('whose first message is late are slow', () => {
    const made = due();
    answer(made, 500);
    if (made.breaker.state === 'halfOpen') answer(made, 500);
    expect(lastVerdict(made.events)).toMatchObject({ reason: 'trialsFailed', failures: 0 });
  });
});

describe('a dependency that has become slower for good', () => {
  it('is taken as it is after so many rounds in which every trial succeeded', () => {
    const made = due({ trip: { adaptive: { adoptAfter: 8 } } });
    const before = made.breaker.usualLatencyMs;
    let rounds = 0;
    while (rounds < 20 && made.breaker.state !== 'closed') {
      round(made, 0, seeded(1), 50);
      made.clock.advance(1_000);
      rounds++;
    }
    expect(rounds).toBe(8);
    expect(lastVerdict(made.events)).toEqual({ reason: 'baselineAdopted', latencyMs: 50, beforeMs: before, rounds: 8 });
    expect(made.breaker.usualLatencyMs).toBe(50);
    expect(story(made.events).at(-1)).toBe('halfOpen -> closed: baselineAdopted');
    expect(call(made.breaker, 'success', 5_000, 50)).toBe(true);
    expect(made.breaker.state).toBe('closed');
  });

  it('is not, where a trial failed between', () => {
    const made = due({ trip: { adaptive: { adoptAfter: 8 } } });
    for (let i = 0; i < 30; i++) {
      if (i % 7 === 6) round(made, 1, seeded(i));
      else round(made, 0, seeded(1), 50);
      made.clock.advance(1_000);
      expect(made.breaker.state).toBe('open');
    }
  });

  it('is not, where a person closed it between', () => {
    const made = due({ trip: { adaptive: { adoptAfter: 3 } } });
    for (let i = 0; i < 12; i++) {
      expect(round(made, 0, seeded(1), 50)).toBe('open');
      if (i % 2 === 1) {
        made.breaker.override('forcedClosed');
        made.breaker.override(null);
        made.breaker.trip('test');
      }
      made.clock.advance(1_000);
    }
    expect(made.breaker.usualLatencyMs).toBeLessThan(10);
  });

  it('is not, where it recovered between', () => {
    const made = due({ trip: { adaptive: { adoptAfter: 3 } } });
    for (let i = 0; i < 12; i++) {
      if (i % 3 === 2) {
        expect(round(made, 0, seeded(1), 5)).toBe('closed');
        made.breaker.trip('test');
      } else expect(round(made, 0, seeded(1), 50)).toBe('open');
      made.clock.advance(1_000);
    }
    expect(made.breaker.usualLatencyMs).toBeLessThan(10);
  });
});
