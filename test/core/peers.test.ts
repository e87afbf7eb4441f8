import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll, SamplingBreaker } from 'cockatiel';
import Opossum from 'opossum';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBreaker } from '../../src/create-breaker.ts';
import { admit, call, make, makeTrialDue } from './helpers/make.ts';

// Bugs seen by running other breakers. Where the other one is installed, it is shown to have the bug, so that the same
// schedule is known to tell a breaker with it from one without.

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-03-01T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A call whose end the test decides. */
function pending(): { promise: Promise<string>; succeed(): void; fail(): void } {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { promise, succeed: () => resolve('late'), fail: () => reject(new Error('late')) };
}

const fail = (): Promise<string> => Promise.reject(new Error('sick'));

type Action = () => Promise<string>;

/** Opossum around actions that the test gives it call by call. It opens at the first failure, tries again after 1 s. */
function opossum(options: Opossum.Options = {}): Opossum<[Action], string> {
  return new Opossum((action: Action) => action(), {
    timeout: false,
    errorThresholdPercentage: 10,
    resetTimeout: 1_000,
    ...options,
  });
}

/** Cockatiel that opens at two failures in a row, and tries again after 1 s. */
function cockatiel() {
  return circuitBreaker(handleAll, { halfOpenAfter: 1_000, breaker: new ConsecutiveBreaker(2) });
}

describe('a success of a call from before the trip', () => {
  it('closes opossum, whose trial is still under way', async () => {
    const peer = opossum();
    const early = pending();
    const first = peer.fire(() => early.promise);
    await expect(peer.fire(fail)).rejects.toThrow('sick');
    await vi.advanceTimersByTimeAsync(1_000);
    void peer.fire(() => pending().promise);
    expect(peer.halfOpen).toBe(true);
    early.succeed();
    await first;
    expect(peer.closed).toBe(true);
    peer.shutdown();
  });

  it('decides nothing here', () => {
    const { breaker, clock } = make({ trip: { consecutiveFailures: 1 }, openFor: '1s', trials: 1 });
    const early = admit(breaker);
    call(breaker, 'failure');
    clock.advance(1_000);
    admit(breaker);
    expect(breaker.state).toBe('halfOpen');
    early.success(1_000);
    expect(breaker.state).toBe('halfOpen');
  });
});

describe('a failure of a call from before the trip', () => {
  it('reopens cockatiel, whose trial is still under way', async () => {
    const peer = cockatiel();
    const early = pending();
    const first = peer.execute(() => early.promise);
    for (let i = 0; i < 2; i++) await expect(peer.execute(fail)).rejects.toThrow('sick');
    await vi.advanceTimersByTimeAsync(1_000);
    void peer.execute(() => pending().promise);
    expect(peer.state).toBe(CircuitState.HalfOpen);
    early.fail();
    await expect(first).rejects.toThrow('late');
    expect(peer.state).toBe(CircuitState.Open);
  });

  it('decides nothing here', () => {
    const { breaker, clock } = make({ trip: { consecutiveFailures: 2 }, openFor: '1s', trials: 1 });
    const early = admit(breaker);
    call(breaker, 'failure', 2);
    clock.advance(1_000);
    const trial = admit(breaker);
    early.failure(1_000);
    expect(breaker.state).toBe('halfOpen');
    trial.success(1);
    expect(breaker.state).toBe('closed');
  });
});

describe('failures of an hour ago, in a window of 10 s', () => {
  it('trip cockatiel: it rotates one slice for a gap of any length', () => {
    const peer = new SamplingBreaker({ threshold: 0.5, duration: 10_000, minimumRps: 1 });
    for (let i = 0; i < 9; i++) expect(peer.failure(CircuitState.Closed)).toBe(false);
    vi.setSystemTime(Date.now() + HOUR_MS);
    expect(peer.failure(CircuitState.Closed)).toBe(true);
  });

  it.each([HOUR_MS, 10_000, DAY_MS, 400 * DAY_MS])('are gone here, also after %d ms', (idleMs) => {
    const { breaker, clock } = make({ trip: { failureRate: { threshold: '50%', window: '10s', minCalls: 10 } } });
    call(breaker, 'failure', 9);
    clock.advance(idleMs);
    call(breaker, 'failure');
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', conditions: [{ calls: 1 }] });
    call(breaker, 'failure', 9);
    expect(breaker.state).toBe('open');
  });
});

describe('a wall clock that steps back by an hour while it is open for 1 s', () => {
  const stepBack = () => vi.setSystemTime(Date.now() - HOUR_MS);

  it('keeps cockatiel open', async () => {
    const peer = cockatiel();
    for (let i = 0; i < 2; i++) await expect(peer.execute(fail)).rejects.toThrow('sick');
    stepBack();
    await vi.advanceTimersByTimeAsync(60_000);
    await expect(peer.execute(() => Promise.resolve('well'))).rejects.toThrow('open');
  });

  it('is not noticed here', () => {
    const breaker = createBreaker({ trip: { consecutiveFailures: 2 }, openFor: '1s' });
    call(breaker, 'failure', 2);
    stepBack();
    vi.advanceTimersByTime(999);
    expect(breaker.tryAcquire()).toBeNull();
    vi.advanceTimersByTime(1);
    expect(breaker.tryAcquire()).not.toBeNull();
  });
});

describe('a trial that hangs', () => {
  it('holds opossum in half-open for ever', async () => {
    const peer = opossum();
    await expect(peer.fire(fail)).rejects.toThrow('sick');
    await vi.advanceTimersByTimeAsync(1_000);
    void peer.fire(() => pending().promise);
    vi.setSystemTime(Date.now() + DAY_MS);
    await vi.advanceTimersByTimeAsync(60_000);
    await expect(peer.fire(() => Promise.resolve('well'))).rejects.toThrow('Breaker is open');
    peer.shutdown();
  });

  it('holds cockatiel in half-open for ever, and every call with it', async () => {
    const peer = cockatiel();
    for (let i = 0; i < 2; i++) await expect(peer.execute(fail)).rejects.toThrow('sick');
    await vi.advanceTimersByTimeAsync(1_000);
    void peer.execute(() => pending().promise);
    let ended = false;
    void peer.execute(() => Promise.resolve('well')).finally(() => (ended = true));
    await vi.advanceTimersByTimeAsync(DAY_MS);
    expect([peer.state, ended]).toEqual([CircuitState.HalfOpen, false]);
  });

  it('costs its lease here, and the breaker closes without it', () => {
    const made = make({ trials: 1, lease: '30s' });
    makeTrialDue(made);
    admit(made.breaker);
    made.clock.advance(30_000);
    expect(made.breaker.snapshot().state).toBe('open');
    made.clock.advance(10_000);
    call(made.breaker, 'success');
    expect(made.breaker.state).toBe('closed');
  });
});

describe('10 failures and 90 rejections', () => {
  it('read as 10 % in opossum', async () => {
    const peer = opossum({ volumeThreshold: 10 });
    for (let i = 0; i < 100; i++) await expect(peer.fire(fail)).rejects.toThrow(i < 10 ? 'sick' : 'Breaker is open');
    const { failures, fires } = peer.stats;
    expect(failures / fires).toBe(0.1);
    peer.shutdown();
  });

  it('trip at 100 % here, and rejections never enter the window', () => {
    const { breaker } = make({ trip: { failureRate: { minCalls: 10 } } });
    call(breaker, 'failure', 10);
    for (let i = 0; i < 90; i++) expect(breaker.tryAcquire()).toBeNull();
    expect(breaker.verdict).toMatchObject({ failures: 10, calls: 10, rate: 1 });
    expect(breaker.snapshot()).toMatchObject({ counts: { failure: 10, rejected: { open: 90 } }, conditions: [{ calls: 0 }] });
  });
});

describe('one call that times out', () => {
  it('aborts the healthy ones in opossum, which has one AbortController for all', async () => {
    const controller = new AbortController();
    const peer = opossum({ timeout: 1_000, abortController: controller });
    const hung = peer.fire(() => pending().promise);
    await vi.advanceTimersByTimeAsync(900);
    const healthy = pending();
    // The signal that opossum's documentation has every action listen to.
    const well = peer.fire(() => healthy.promise);
    await Promise.all([expect(hung).rejects.toThrow('Timed out'), vi.advanceTimersByTimeAsync(100)]);
    expect(controller.signal.aborted).toBe(true);
    healthy.succeed();
    await well;
    peer.shutdown();
  });

  it('is one result of one permit here', () => {
    const { breaker } = make({ trip: { failureRate: { threshold: '60%', window: { calls: 2 }, minCalls: 2 } } });
    const [hung, healthy] = [admit(breaker), admit(breaker)];
    hung.failure(1_000);
    healthy.success(150);
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', inFlight: 0, counts: { success: 1, failure: 1 } });
  });
});

// Seen in Polly, which is not for Node.
it('a cancelled trial does not close', () => {
  const made = make({ trials: 1 });
  makeTrialDue(made);
  call(made.breaker, 'ignored');
  expect(made.breaker.state).toBe('halfOpen');
});
