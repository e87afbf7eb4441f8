import { describe, expect, it } from 'vitest';
import { call, lastVerdict, type Made, make, story } from './helpers/make.ts';
import { seeded } from './helpers/random.ts';

const OPTIONS = { trip: { adaptive: {} }, openFor: '1s', backoff: { factor: 1 } } as const;

/** Calls one millisecond apart, of which so many fail. */
function calls({ breaker, clock }: Made, count: number, failing: number, random: () => number): void {
  for (let i = 0; i < count; i++) {
    clock.advance(1);
    call(breaker, random() < failing ? 'failure' : 'success', 1, 5);
  }
}

function learned(options: Parameters<typeof make>[0] = {}): Made {
  const made = make({ ...OPTIONS, ...options });
  calls(made, 6_000, 0, seeded(1));
  return made;
}

describe('what a breaker has learned', () => {
  it('outlives trips, trials and overrides', () => {
    const made = learned();
    const before = made.breaker.usualLatencyMs;
    expect(before).toBeGreaterThan(4.9);
    made.breaker.trip('test');
    made.clock.advance(1_000);
    call(made.breaker, 'success', 20, 5);
    made.breaker.override('forcedOpen');
    made.breaker.override('forcedClosed');
    made.breaker.override(null);
    expect(made.breaker.state).toBe('closed');
    expect(made.breaker.usualLatencyMs).toBeCloseTo(before ?? 0, 1);
  });

  it('is forgotten by a reset', () => {
    const { breaker } = learned();
    breaker.reset();
    expect([breaker.usualLatencyMs, breaker.inFlightLimitMs]).toEqual([undefined, Infinity]);
    expect(breaker.snapshot().conditions[0]?.baseline).toMatchObject({ calls: 0 });
  });

  it('is not learned from an outage that a person let through', () => {
    const made = learned();
    made.breaker.override('forcedClosed');
    calls(made, 5_000, 1, seeded(2));
    made.breaker.override(null);
    expect(made.breaker.snapshot().conditions[0]).toMatchObject({ value: 0, calls: 0 });
    expect(made.breaker.snapshot().conditions[0]?.baseline?.errorRate).toBeLessThan(0.001);
  });

  it('stands in the verdict, with what was seen', () => {
    const made = learned();
    for (let i = 0; i < 500 && made.breaker.state === 'closed'; i++) {
      made.clock.advance(1);
      made.breaker.tryAcquire()?.failure(2, i % 2 === 0 ? 14 : 4);
    }
    expect(story(made.events)).toEqual(['closed -> open: adaptive']);
    const verdict = lastVerdict(made.events);
    expect(verdict).toMatchObject({ of: 'errors', rate: 1, baseline: { latencyMs: made.breaker.usualLatencyMs } });
    const evidence = verdict !== undefined && 'evidence' in verdict ? verdict.evidence : undefined;
    expect(evidence?.calls).toHaveLength(8);
    expect(evidence?.spanMs).toBe((evidence?.bad ?? 0) - 1);
    expect((evidence?.codes[14] ?? 0) + (evidence?.codes[4] ?? 0)).toBe(evidence?.bad);
  });
});

it('trips without the time of a blip while traffic comes back', () => {
  const made = learned({ rampUp: '60s' });
  made.breaker.trip('test');
  made.clock.advance(60_000);
  call(made.breaker, 'success', 20, 5);
  expect(made.breaker.state).toBe('closed');
  made.clock.advance(30_000);
  let failures = 0;
  for (; made.breaker.state === 'closed'; failures++) made.breaker.tryAcquire()?.failure(2);
  expect(failures).toBeLessThan(16);
  expect(lastVerdict(made.events)).toMatchObject({ reason: 'adaptive', suspectedForMs: 0 });
});

describe('a million calls', () => {
  it.each([
    ['adaptive', {}],
    ['everything', { slowCallRate: { slowerThan: '25ms' }, failureRate: {}, latencySlo: { limit: '50ms' } }],
  ] as const)('leave nothing behind: %s', (_, trip) => {
    // Whatever grows with calls would be found in what a breaker tells of itself.
    const made = make({ ...OPTIONS, trip: { adaptive: {}, ...trip } });
    const random = seeded(5);
    const sizes = [100_000, 1_000_000].map((count) => {
      calls(made, count, 0.01, random);
      return JSON.stringify(made.breaker.snapshot()).length;
    });
    expect(made.breaker.state).toBe('closed');
    expect(Math.abs((sizes[1] ?? 0) - (sizes[0] ?? 0))).toBeLessThan(100);
  });
});
