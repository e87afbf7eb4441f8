import { describe, expect, it } from 'vitest';
import type { WireBreaker } from '../../src/cli/admin-messages.ts';
import { type BreakerView, breakerView } from '../../src/cli/breaker-view.ts';
import { inOrder } from '../../src/cli/top/order.ts';
import { type RatedBreaker, RateMeter } from '../../src/cli/top/rates.ts';

const NOTHING = { conditions: [], fallbacks: {}, ignored: {}, admittedShare: 1, state: 'STATE_CLOSED' } as unknown as WireBreaker;

function view(name: string, [success, failure, refused, served]: readonly [number, number, number, number]): BreakerView {
  const calls = { success, failure, ignored: 0, rejected: { open: refused }, wouldReject: {} };
  return breakerView({ ...NOTHING, name, calls, fallbacks: { message: served } });
}

describe('rates', () => {
  const rates = (meter: RateMeter, breaker: BreakerView, nowMs: number) => meter.rated([breaker], nowMs)[0]?.rates;

  it('are over the time since the first look', () => {
    const meter = new RateMeter();
    expect(rates(meter, view('a', [10, 0, 0, 0]), 1_000)).toBeNull();
    meter.sample([view('a', [10, 0, 0, 0])], 1_000);
    expect(rates(meter, view('a', [10, 0, 0, 0]), 1_000)).toBeNull();
    expect(rates(meter, view('a', [25, 5, 8, 4]), 3_000)).toEqual({
      callsPerSecond: 10,
      failedShare: 0.25,
      refusedPerSecond: 4,
      fallbacksPerSecond: 2,
    });
  });

  it('are of the last five seconds', () => {
    const meter = new RateMeter();
    for (let second = 0; second <= 20; second++)
      meter.sample([view('a', [second < 10 ? second * 100 : 1_000, 0, 0, 0])], second * 1_000);
    expect(rates(meter, view('a', [1_000, 0, 0, 0]), 20_000)).toMatchObject({ callsPerSecond: 0, failedShare: null });
    expect(rates(meter, view('a', [1_050, 0, 0, 0]), 20_000)).toMatchObject({ callsPerSecond: 10 });
  });

  it('know of no time before a breaker was there, nor before its process began again', () => {
    const meter = new RateMeter();
    meter.sample([view('a', [5_000, 0, 0, 0])], 0);
    meter.sample([view('a', [10, 0, 0, 0])], 1_000);
    expect(rates(meter, view('a', [30, 0, 0, 0]), 2_000)).toMatchObject({ callsPerSecond: 20 });
    expect(rates(meter, view('b', [30, 0, 0, 0]), 2_000)).toBeNull();
  });
});

describe('the order', () => {
  const rated = (name: string, changes: Partial<RatedBreaker>): RatedBreaker => ({
    ...view(name, [0, 0, 0, 0]),
    rates: null,
    ...changes,
  });
  const rates = { callsPerSecond: 0, failedShare: null, refusedPerSecond: 0, fallbacksPerSecond: 0 };
  const names = (breakers: readonly RatedBreaker[]) => breakers.map(({ name }) => name).join('');

  it('is by attention: open, half-open, steered by a person, shedding, the rest by name', () => {
    const override = { kind: 'forcedClosed', reason: '', endsInMs: null } as const;
    const modeOverride = { mode: 'observe', reason: '', endsInMs: null } as const;
    const all = [
      rated('f', {}),
      rated('e', {}),
      rated('d', { admittedShare: 0.5 }),
      rated('c', { modeOverride }),
      rated('b', { override }),
      rated('h', { state: 'halfOpen' }),
      rated('o', { state: 'open' }),
    ];
    expect(names(inOrder(all, 'attention', false))).toBe('ohbcdef');
    expect(names(inOrder(all, 'attention', true))).toBe('fedcbho');
  });

  it('is by what was asked for, the largest first', () => {
    const all = [
      rated('a', { rates: { ...rates, callsPerSecond: 1, failedShare: 0.9 } }),
      rated('b', { rates: { ...rates, callsPerSecond: 3, refusedPerSecond: 2 } }),
      rated('c', { latency: { p50Ms: 1, p99Ms: 9, limitedMs: 9, limitMs: 10 } }),
    ];
    expect(names(inOrder(all, 'calls', false))).toBe('bac');
    expect(names(inOrder(all, 'failed', false))).toBe('abc');
    expect(names(inOrder(all, 'refused', false))).toBe('bac');
    expect(names(inOrder(all, 'latency', false))).toBe('cab');
    expect(names(inOrder(all, 'name', true))).toBe('cba');
  });
});
