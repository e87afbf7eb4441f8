import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULTS } from '../src/core/defaults.ts';
import { ConfigError, createBreaker } from '../src/index.ts';
import { ManualClock } from '../src/testing/index.ts';

describe('the one-liner', () => {
  it('opens at three failures in a row, and lets a trial through after 5 s', () => {
    const clock = new ManualClock();
    const breaker = createBreaker({ trip: { consecutiveFailures: 3 }, openFor: '5s' }, { clock });
    for (let i = 0; i < 3; i++) breaker.tryAcquire()?.failure(1);
    expect([breaker.state, breaker.tryAcquire()]).toEqual(['open', null]);
    clock.advance(4_999);
    expect(breaker.tryAcquire()).toBeNull();
    clock.advance(1);
    for (let i = 0; i < 3; i++) breaker.tryAcquire()?.success(1);
    expect(breaker.state).toBe('closed');
  });
});

describe('without anything', () => {
  it('has the defaults, a name, and neither jitter nor ramp', () => {
    const clock = new ManualClock();
    const breaker = createBreaker(undefined, { clock });
    for (let i = 0; i < 100 && breaker.state === 'closed'; i++) {
      clock.advance(10);
      breaker.tryAcquire()?.failure(1);
    }
    expect(breaker.snapshot()).toMatchObject({
      name: 'breaker',
      state: 'open',
      mode: 'enforce',
      retryInMs: DEFAULTS.openForMs,
      verdict: { reason: 'adaptive', of: 'errors' },
    });
    clock.advance(DEFAULTS.openForMs);
    while (breaker.state !== 'closed') breaker.tryAcquire()?.success(1);
    expect(breaker.snapshot().admittedShare).toBe(1);
  });
});

describe('with the clock of the process', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('counts monotonic milliseconds', () => {
    const breaker = createBreaker({ openFor: '5s' });
    vi.advanceTimersByTime(250);
    breaker.trip('test');
    vi.setSystemTime(0);
    vi.advanceTimersByTime(1_000);
    expect(breaker.snapshot()).toMatchObject({ inStateMs: 1_000, retryInMs: 4_000 });
  });
});

it('draws its jitter from Math.random, or from what it is given', () => {
  const clock = new ManualClock();
  const given = createBreaker({ openFor: '5s', backoff: { max: '60s' }, jitter: '50%' }, { clock, random: () => 0 });
  given.trip('test');
  expect(given.snapshot().retryInMs).toBe(2_500);
  const periods = Array.from({ length: 50 }, () => {
    const breaker = createBreaker({ openFor: '5s', backoff: { max: '60s' }, jitter: '50%' }, { clock });
    breaker.trip('test');
    return breaker.snapshot().retryInMs;
  });
  expect(Math.min(...periods)).toBeGreaterThanOrEqual(2_500);
  expect(Math.max(...periods)).toBeLessThanOrEqual(7_500);
  expect(new Set(periods).size).toBeGreaterThan(1);
});

it('refuses bad options with a ConfigError, and makes nothing', () => {
  const options = { openFor: 5_000, trails: 3 } as unknown as { openFor: '5s' };
  expect(() => createBreaker(options)).toThrow(ConfigError);
  expect(() => createBreaker(options)).toThrow(
    'breaker options was refused, 2 problems:\n' +
      '  openFor: 5000 is not a duration; expected a duration with its unit, such as "50ms", "5s" or "2m"\n' +
      '  trails: is not an option here; did you mean "trials"?',
  );
});

describe('a listener that fails', () => {
  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('broken listener');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken listener'))],
    [
      'throws something else than an Error',
      () => {
        throw 'broken listener';
      },
    ],
  ])('one that %s is warned of, once for each event, and changes nothing', async (_, listener) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    const breaker = createBreaker({ name: 'prices' });
    const heard: string[] = [];
    breaker.subscribe(listener);
    breaker.subscribe((event) => heard.push(event.type));
    expect(breaker.trip('test')).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual(['transition']);
    expect(breaker.state).toBe('open');
    expect(unhandled).not.toHaveBeenCalled();
    expect(warn.mock.calls).toEqual([
      [
        'a listener of breaker prices failed on its transition event',
        { type: 'GrpcBreakerWarning', detail: expect.stringContaining('broken listener') },
      ],
    ]);
    process.off('unhandledRejection', unhandled);
    warn.mockRestore();
  });
});
