import { describe, expect, it } from 'vitest';
import { admit, call, due, lastVerdict, make, rejected } from './helpers/make.ts';

const DAY_MS = 86_400_000;

describe('trials', () => {
  it.each([1, 2, 3, 10])('are %d, in flight or succeeded; other calls are refused', (trials) => {
    const { breaker } = due({ trials });
    const permits = Array.from({ length: trials }, () => admit(breaker));
    expect(breaker.tryAcquire()).toBeNull();
    for (const permit of permits.slice(1)) {
      permit.success(1);
      expect(breaker.tryAcquire()).toBeNull();
      expect(breaker.state).toBe('halfOpen');
    }
    permits[0]?.success(1);
    expect(breaker.state).toBe('closed');
    expect(breaker.snapshot().counts.rejected).toEqual(rejected({ halfOpen: trials }));
  });

  it('may come one after the other', () => {
    const made = due({ trials: 3 });
    expect([call(made.breaker, 'success', 2), made.breaker.state]).toEqual([true, 'halfOpen']);
    expect([call(made.breaker, 'success'), made.breaker.state]).toEqual([true, 'closed']);
    expect(lastVerdict(made.events)).toEqual({ reason: 'trialsSucceeded', trials: 3 });
  });

  it('reopen at the first failure, without waiting for the others', () => {
    const made = due({ trials: 3 });
    const [first, second, third] = [admit(made.breaker), admit(made.breaker), admit(made.breaker)];
    first.success(1);
    second.failure(7);
    expect(made.breaker.state).toBe('open');
    expect(lastVerdict(made.events)).toMatchObject({ reason: 'trialFailed', durationMs: 7, evidence: { bad: 1 } });
    third.success(1);
    expect(made.breaker.state).toBe('open');
  });

  it('leave nothing in the windows of the closed breaker', () => {
    const { breaker } = due({ trials: 2, trip: { consecutiveFailures: 3, failureRate: {} } });
    call(breaker, 'success', 2);
    expect(breaker.snapshot().conditions.map(({ calls }) => calls)).toEqual([0, 0]);
  });
});

describe('an ignored trial', () => {
  it('gives its permit back, as often as it takes', () => {
    const { breaker } = due({ trials: 2 });
    const kept = admit(breaker);
    for (let i = 0; i < 100; i++) expect(call(breaker, 'ignored')).toBe(true);
    expect(breaker.state).toBe('halfOpen');
    call(breaker, 'success');
    expect(breaker.tryAcquire()).toBeNull();
    kept.success(1);
    expect(breaker.state).toBe('closed');
  });

  it('neither closes nor opens', () => {
    const { breaker } = due({ trials: 1 });
    call(breaker, 'ignored');
    expect(breaker.state).toBe('halfOpen');
    expect(breaker.snapshot().retryInMs).toBe(0);
  });

  it('gives it back also after its lease, unseen', () => {
    const { breaker, clock } = due({ trials: 1, lease: '1s' });
    const permit = admit(breaker);
    clock.advance(DAY_MS);
    permit.ignore();
    expect(breaker.tryAcquire()).not.toBeNull();
    expect(breaker.state).toBe('halfOpen');
  });
});

describe('a slow trial', () => {
  const slow = { trials: 2, trip: { slowCallRate: { slowerThan: '25ms' } } } as const;

  it('reopens where a slowCallRate is set', () => {
    const made = due(slow);
    call(made.breaker, 'success', 1, 25.5);
    expect(made.breaker.state).toBe('open');
    expect(lastVerdict(made.events)).toMatchObject({ reason: 'trialSlow', durationMs: 25.5, slowerThanMs: 25 });
  });

  it('is one over the limit, not at it', () => {
    const { breaker } = due(slow);
    call(breaker, 'success', 2, 25);
    expect(breaker.state).toBe('closed');
  });

  it('that failed is a failed one', () => {
    const made = due(slow);
    call(made.breaker, 'failure', 1, 900);
    expect(lastVerdict(made.events)).toMatchObject({ reason: 'trialFailed', durationMs: 900 });
  });

  it('is no matter where no condition looks at durations', () => {
    const { breaker } = due({ trials: 1, trip: { consecutiveFailures: 1, failureRate: {} } });
    call(breaker, 'success', 1, 29_999);
    expect(breaker.state).toBe('closed');
  });
});

describe('a result of an earlier generation', () => {
  it.each(['success', 'failure', 'ignore'] as const)('decides nothing in half-open: %s', (how) => {
    const { breaker, clock } = make({ trials: 1, backoff: { factor: 1 } });
    const early = [admit(breaker), admit(breaker)];
    breaker.trip('test');
    clock.advance(5_000);
    const trial = admit(breaker);
    early[0]?.[how](1);
    expect(breaker.state).toBe('halfOpen');
    expect(breaker.tryAcquire()).toBeNull();
    trial.failure(1);
    clock.advance(5_000);
    expect(call(breaker, 'success')).toBe(true);
    expect(breaker.state).toBe('closed');
    for (const permit of early) permit[how](1);
    expect(breaker.state).toBe('closed');
  });

  it('of a trial of the half-open period before decides nothing in the next', () => {
    const { breaker, clock } = due({ trials: 2 });
    const [late, failed] = [admit(breaker), admit(breaker)];
    failed.failure(1);
    clock.advance(5_000);
    admit(breaker).success(1);
    late.success(1);
    expect(breaker.state).toBe('halfOpen');
    expect(breaker.tryAcquire()).not.toBeNull();
  });
});
