import { describe, expect, it } from 'vitest';
import { createBreaker } from '../../../../src/create-breaker.ts';
import { ManualClock } from '../../../../src/testing/manual-clock.ts';
import { adaptive, Client, HEALTHY, mean } from '../../helpers/learned.ts';
import { normal, seeded } from '../../helpers/random.ts';

/** A client whose condition knows its dependency. */
function learned(options: Parameters<typeof adaptive>[0] = {}, everyMs = 1, traffic = HEALTHY, seed = 1): Client {
  const client = new Client(adaptive(options), everyMs, seeded(seed));
  client.calls(20_000, traffic);
  return client;
}

/** Mean calls from the fault to the trip, over many faults with healthy calls between. */
function speed(client: Client, fault: Partial<typeof HEALTHY>, faults = 200): number {
  const all = Array.from({ length: faults }, () => {
    client.calls(500, HEALTHY);
    return client.callsToTrip({ ...HEALTHY, ...fault });
  });
  return mean(all);
}

describe('without a blip, a fault is seen within few calls', () => {
  it.each([
    ['30 % errors', { failing: 0.3 }, 25],
    ['50 % errors', { failing: 0.5 }, 14],
    ['nothing but errors', { failing: 1 }, 8],
    ['four times the latency', { times: 4 }, 30],
    ['ten times the latency', { times: 10 }, 15],
  ])('%s', (_, fault, calls) => {
    expect(speed(learned({ blip: 0 }), fault)).toBeLessThanOrEqual(calls);
  });

  it('already before anything is learned, by the prior', () => {
    const all = Array.from({ length: 50 }, (_, seed) =>
      new Client(adaptive({ blip: 0 }), 1, seeded(seed)).callsToTrip({ failing: 0.5, times: 1 }),
    );
    expect(mean(all)).toBeLessThan(25);
  });

  it('what must not be caught is not, at once: errors far below what is unhealthy', () => {
    expect(speed(learned({ blip: 0, unhealthy: '50%' }), { failing: 0.05 }, 3)).toBeGreaterThan(300);
  });
});

describe('a healthy dependency', () => {
  it.each([0.001, 0.01, 0.03])('that fails %d of its calls does not trip in a million, with and without a blip', (failing) => {
    for (const blip of ['100ms', 0] as const) {
      const client = new Client(adaptive({ blip }), 1, seeded(17));
      expect(client.calls(1_000_000, { failing, times: 1 })).toBe(0);
      const { baseline } = client.condition.snapshot(client.nowMs);
      // Unbiased: what looked suspicious for a while is learned, too.
      expect(Math.abs((baseline?.errorRate ?? 0) / failing - 1)).toBeLessThan(0.12);
      expect(Math.abs((baseline?.latencyMs ?? 0) / 5.9 - 1)).toBeLessThan(0.06);
    }
  });
});

describe('heavy tails', () => {
  it.each<[string, (random: () => number) => number]>([
    ['Pareto, 1', (random) => 1 / (1 - random())],
    ['Pareto, 1.5', (random) => (1 - random()) ** (-1 / 1.5)],
    ['lognormal, 1.5', (random) => 5 * Math.exp(1.5 * normal(random))],
    ['one call in ten takes 20 times as long', (random) => (random() < 0.1 ? 100 : 5)],
  ])('are usual from the first call on: %s', (_, draw) => {
    for (let seed = 0; seed < 10; seed++) {
      const random = seeded(seed);
      const condition = adaptive();
      let trips = 0;
      for (let i = 0; i < 20_000; i++) if (condition.record(false, draw(random), i, false)) trips++;
      expect(trips).toBe(0);
    }
  });
});

describe.each([
  [200, 0.001],
  [1_000, 0.001],
  [1_000, 0.01],
])('at %d calls a second, %d of which fail in good times', (perSecond, failing) => {
  const healthy = { failing, times: 1 };

  it('at most one of 1,000 bursts of 20 to 90 ms trips', () => {
    const random = seeded(4);
    const client = learned({}, 1_000 / perSecond, healthy);
    let trips = 0;
    for (let burst = 0; burst < 1_000; burst++) {
      trips += client.calls(Math.floor(perSecond * (0.3 + 0.4 * random())), healthy);
      trips += client.calls(Math.floor((perSecond * (20 + 70 * random())) / 1_000), { failing: 1, times: 1 });
    }
    expect(trips).toBeLessThanOrEqual(1);
    const { baseline } = client.condition.snapshot(client.nowMs);
    // Bursts are 10 % of all calls; no more is learned of them than what made suspicious.
    expect(baseline?.errorRate).toBeLessThan(failing + 0.04);
  });

  it('trouble that lasts trips, at most two and a half times the blip later', () => {
    const client = learned({}, 1_000 / perSecond, healthy);
    for (const fault of [0.5, 1]) {
      expect(speed(client, { failing: fault }, 100) * (1_000 / perSecond)).toBeLessThan(250);
    }
  });
});

describe('what is usual', () => {
  it('is not what an outage was, however long it is', () => {
    const { condition, ...client } = learned();
    const { baseline: before } = condition.snapshot(client.nowMs);
    for (let outage = 0; outage < 20; outage++) {
      for (let i = 0; i < 500; i++) if (condition.record(true, 2, client.nowMs + i, false)) condition.clear();
      condition.clear();
    }
    const { baseline: after } = condition.snapshot(client.nowMs);
    expect(after?.errorRate).toBe(before?.errorRate);
    expect(after?.latencyMs).toBe(before?.latencyMs);
  });

  it('is known after half of the warm-up, and not before: the other half learns how many calls are slow by it', () => {
    const client = new Client(adaptive({ warmUp: 300 }), 1, seeded(2));
    client.calls(140, { failing: 0, times: 1 });
    expect([client.condition.usualLatencyMs, client.condition.slowerThanMs]).toEqual([undefined, Infinity]);
    client.calls(300, { failing: 0, times: 1 });
    expect(client.condition.usualLatencyMs).toBeGreaterThan(4);
    // The limit follows from time to time.
    const factor = client.condition.slowerThanMs / (client.condition.usualLatencyMs ?? 0);
    expect(Math.abs(factor - 3)).toBeLessThan(0.5);
  });

  it('has slow calls that are usual, of one kind in four or in three: no trip from the first call on', () => {
    for (const share of [0.1, 0.25, 0.31, 0.5]) {
      const clock = new ManualClock();
      const breaker = createBreaker({}, { clock });
      const random = seeded(7);
      let calls = 0;
      for (; calls < 100_000 && breaker.state === 'closed'; calls++) {
        clock.advance(1);
        breaker.tryAcquire()?.success(random() < share ? 100 : 5);
      }
      expect([share, calls]).toEqual([share, 100_000]);
    }
  });

  it.each([100, 300, 1_000])('of a warm-up of %d calls is not much longer, whatever calls are taken in together', (warmUp) => {
    const client = new Client(adaptive({ warmUp }), 1, seeded(2));
    let calls = 0;
    for (; client.condition.slowerThanMs === Infinity; calls++) client.call({ failing: 0, times: 1 });
    expect(calls).toBeGreaterThanOrEqual(warmUp);
    expect(calls).toBeLessThanOrEqual(warmUp + 256);
    if (warmUp <= 300) expect(calls).toBe(warmUp);
  });

  it('is never known where the warm-up is never over, and errors are judged all the same', () => {
    const client = learned({ blip: 0, warmUp: 1_000_000 });
    expect(client.condition.usualLatencyMs).toBeUndefined();
    expect(client.callsToTrip({ failing: 1, times: 1 })).toBeLessThan(12);
  });

  it('stands in the snapshot and in the verdict, and is forgotten when told to', () => {
    const client = learned({ blip: 0 });
    const { condition } = client;
    expect(condition.snapshot(client.nowMs)).toMatchObject({ condition: 'adaptive', slowerThanMs: condition.slowerThanMs });
    let met = false;
    while (!met) met = client.call({ failing: 1, times: 1 });
    const verdict = condition.verdict(client.nowMs);
    expect(verdict).toMatchObject({ reason: 'adaptive', of: 'errors', unhealthyRate: 0.2, slowerThanMs: condition.slowerThanMs });
    expect(verdict.score).toBeGreaterThanOrEqual(verdict.threshold);
    expect(verdict.usualRate).toBeGreaterThanOrEqual(verdict.baseline.errorRate);
    expect(verdict.rate).toBe(verdict.hits / verdict.calls);
    expect(verdict.suspectedForMs).toBeLessThan(200);
    condition.forget();
    expect(condition.snapshot(client.nowMs)).toMatchObject({ value: 0, calls: 0, slowerThanMs: undefined });
    expect(condition.snapshot(client.nowMs).baseline).toEqual({ calls: 0, errorRate: 0, slowRate: 0, latencyMs: undefined });
    expect(condition.isSpotless(client.nowMs)).toBe(true);
  });

  it('is slow only when it is `slowdownFloor` over it', () => {
    const { condition } = learned({ slowdownFloor: '50ms' });
    expect(condition.slowerThanMs).toBeCloseTo((condition.usualLatencyMs ?? 0) + 50, 0);
  });
});

describe('a call that says nothing of slowness', () => {
  it.each([-1, Number.NaN, Number.NEGATIVE_INFINITY])('because its duration is %d', (durationMs) => {
    const client = learned({ blip: 0 });
    const { condition } = client;
    const before = condition.usualLatencyMs;
    for (let i = 0; i < 10_000; i++) expect(condition.record(false, durationMs, client.nowMs, false)).toBe(false);
    expect(condition.usualLatencyMs).toBe(before);
    expect(client.callsToTrip({ failing: 0, times: 10 })).toBeLessThan(30);
  });

  it('because it was counted while it was under way', () => {
    const { condition, nowMs } = learned({ blip: 0 });
    for (let i = 0; i < 1_000; i++) expect(condition.record(false, 1e6, nowMs, true)).toBe(false);
  });

  it('because it failed fast', () => {
    const client = learned({ blip: 0, unhealthy: '100%' });
    const before = client.condition.snapshot(0).baseline?.slowRate;
    client.calls(2_000, { failing: 0.01, times: 1 });
    expect(client.condition.snapshot(0).baseline?.slowRate).toBeLessThanOrEqual((before ?? 0) * 1.5 + 1e-3);
  });
});

describe('calls under way', () => {
  it('that are all slow trip without one that has ended, where there is no blip to wait for', () => {
    const { condition, nowMs } = learned({ blip: 0 });
    const seen = Array.from({ length: 20 }, () => condition.recordSlow(nowMs));
    expect(seen).toContain(true);
    expect(condition.verdict(nowMs).of).toBe('slowness');
  });

  it('that are overdue confirm a suspicion without the time of a blip', () => {
    const { condition, nowMs } = learned();
    for (let i = 0; i < 20; i++) expect(condition.recordSlow(nowMs)).toBe(false);
    expect(condition.overdueAfterMs).toBeCloseTo(condition.slowerThanMs + 100, 9);
    const seen = Array.from({ length: 30 }, () => condition.recordOverdue(nowMs + 100));
    expect(seen).toContain(true);
  });

  it('one of them alone does not trip', () => {
    const { condition, nowMs } = learned();
    expect([condition.recordSlow(nowMs), condition.recordOverdue(nowMs + 200)]).toEqual([false, false]);
  });

  it('do not take back what is usual to something old, or to nothing', () => {
    const client = new Client(adaptive(), 1, seeded(1));
    const { condition } = client;
    // No call that failed, or that was slow, went before.
    client.calls(20_000, { failing: 0, times: 1 });
    const before = condition.usualLatencyMs;
    for (let i = 0; i < 20; i++) condition.recordSlow(client.nowMs);
    condition.clear();
    expect(before).toBeGreaterThan(3);
    expect(condition.usualLatencyMs).toBe(before);
  });

  it('that are slow by chance, and overdue besides, are no more than that', () => {
    const client = learned({}, 50, { failing: 0, times: 1 });
    const { condition } = client;
    const random = seeded(3);
    let slow: number[] = [];
    let trips = 0;
    for (let i = 0; i < 1_000_000; i++) {
      client.nowMs += 50;
      const overdue = slow.filter((since) => client.nowMs - since >= 150).length;
      slow = slow.filter((since) => client.nowMs - since < 150);
      let met = false;
      for (let n = 0; n < overdue; n++) {
        if (condition.recordOverdue(client.nowMs)) met = true;
        condition.record(false, 500, client.nowMs, true);
      }
      if (i < 20_000) condition.record(false, random() < 0.005 ? 500 : 5, client.nowMs, false);
      else if (random() < 0.005) {
        slow.push(client.nowMs);
        met = condition.recordSlow(client.nowMs) || met;
      } else met = condition.record(false, 5, client.nowMs, false) || met;
      if (!met) continue;
      trips++;
      condition.clear();
    }
    expect(trips).toBe(0);
  });
});

it('is in a hurry while told so: a blip is not waited for', () => {
  const client = learned();
  client.condition.hurry(true);
  expect(client.callsToTrip({ failing: 1, times: 1 })).toBeLessThanOrEqual(8);
  client.condition.hurry(false);
  client.calls(1_000, HEALTHY);
  expect(client.callsToTrip({ failing: 1, times: 1 })).toBeGreaterThan(90);
});

it('takes a clock that goes back without harm', () => {
  const client = learned();
  client.nowMs = -1e9;
  expect(client.calls(50_000, HEALTHY)).toBe(0);
  expect(client.callsToTrip({ failing: 1, times: 1 })).toBeLessThan(300);
});
