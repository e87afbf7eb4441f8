import { describe, expect, it } from 'vitest';
import { countIgnored } from '../../src/policy/registry.ts';
import { OTHER } from '../../src/telemetry/series-names.ts';
import { GlobalSdk } from './harness/global-sdk.ts';
import { PrometheusSdk } from './harness/prometheus-sdk.ts';
import { Rig } from './harness/rig.ts';

// Keys that come and go: more of them than the registry has room for, and than an SDK, which never forgets a series, may be told of.

const MODELS = 10_000;
const BOUND = 100;
const key = (model: number) => `model-${model}`;
const NOT_SAMPLED = { span: undefined };

/** The names among lines such as `model-1 outcome=success: 3`. */
const namesOf = (lines: readonly string[]) => new Set(lines.map((line) => line.split(/[ :]/)[0]));

/** The sum of the values of lines that contain this. */
function sum(lines: readonly string[], containing: string): number {
  const values = lines.filter((line) => line.includes(containing)).map((line) => Number(line.slice(line.lastIndexOf(':') + 1)));
  return values.reduce((all, value) => all + value, 0);
}

describe('10,000 models through a registry bounded to 100', () => {
  it.each([1, 700, MODELS])('make 100 names and _OTHER, and every call is counted: collected every %d models', async (every) => {
    const rig = new Rig({ maxBreakers: BOUND });
    let rejected = 0;
    const step = every === 1 ? 10 : 1;
    for (let model = 0; model < MODELS; model += step) {
      rig.call('success', { key: key(model), ...NOT_SAMPLED });
      rig.call('ignored', { key: key(model), ...NOT_SAMPLED });
      countIgnored(rig.entry(key(model)), 'cancelled');
      if (model % 50 === 0) {
        rig.trip({ key: key(model), ...NOT_SAMPLED });
        rig.call('success', { key: key(model), ...NOT_SAMPLED });
        rejected++;
        rig.tryAgain('success', { key: key(model), ...NOT_SAMPLED });
      }
      if (model % every === 0) await rig.reader.collect();
    }
    const models = MODELS / step;
    const metrics = await rig.reader.read();
    for (const [metric] of metrics) {
      const names = namesOf(await rig.reader.series(metric));
      expect(names.size, metric).toBeLessThanOrEqual(BOUND + 1);
      if (metric === 'calls') expect(names).toContain(OTHER);
    }
    const calls = await rig.reader.series('calls');
    expect(sum(calls, 'outcome=success')).toBe(models + rejected);
    expect(sum(calls, 'outcome=failure')).toBe(3 * rejected);
    expect(sum(calls, 'outcome=ignored')).toBe(models);
    expect(sum(calls, 'outcome=rejected')).toBe(rejected);
    expect(sum(await rig.reader.series('ignored'), '')).toBe(models);
    expect(sum(await rig.reader.series('transitions'), 'reason=consecutive_failures')).toBe(rejected);
    expect(sum(await rig.reader.series('transitions'), 'reason=trials_succeeded')).toBe(rejected);
    expect(sum(await rig.reader.series('open.duration'), '')).toBe(rejected);
    expect(sum(await rig.reader.series('status'), ''), 'each breaker there is, is in one state').toBe(BOUND);
    expect(sum(await rig.reader.series('in_flight'), '')).toBe(0);
  });

  it('make no more in the text that Prometheus scrapes', async () => {
    const sdk = await PrometheusSdk.start();
    try {
      const rig = new Rig({ maxBreakers: BOUND, telemetry: {} });
      const counters = new Map<string, number>();
      for (let model = 0; model < MODELS; model++) {
        rig.call('success', { key: key(model), ...NOT_SAMPLED });
        if (model % 100 === 0) rig.trip({ key: key(model), ...NOT_SAMPLED });
        if (model % 1_000 !== 999) continue;
        const series = await sdk.scrape();
        const names = new Set(series.flatMap(({ labels }) => labels['grpc_breaker_circuit_breaker_name'] ?? []));
        expect(names.size).toBeLessThanOrEqual(BOUND + 1);
        for (const { metric, id, value } of series) {
          if (!metric.endsWith('_total')) continue;
          expect(value, id).toBeGreaterThanOrEqual(counters.get(id) ?? 0);
          counters.set(id, value);
        }
      }
      const calls = [...counters].filter(([id]) => id.includes('_calls_total'));
      expect(calls.reduce((all, [, value]) => all + value, 0)).toBe(MODELS + 3 * (MODELS / 100));
      expect(calls.some(([id]) => id.includes(`name="${OTHER}"`))).toBe(true);
    } finally {
      await sdk.stop();
    }
  });
});

describe('_OTHER', () => {
  it('has so many breakers in each state', async () => {
    const rig = new Rig({ maxBreakers: 3 });
    for (const name of ['a', 'b', 'c']) rig.call('success', { key: name });
    await rig.reader.collect();
    // All are evicted, one after the other: what they had stays.
    for (const name of ['d', 'e', 'f', 'd', 'e', 'f']) rig.call('success', { key: name });
    expect(rig.registry.get('a')).toBeUndefined();
    rig.trip({ key: 'd' });
    rig.trip({ key: 'e' });
    rig.begin('f');
    const states = async () => (await rig.reader.series('status')).filter((line) => line.startsWith(OTHER));
    expect(await states()).toEqual(['_OTHER state=closed: 1', '_OTHER state=half_open: 0', '_OTHER state=open: 2']);
    expect(await rig.reader.series('in_flight')).toEqual(['_OTHER: 1', 'a: 0', 'b: 0', 'c: 0']);
    rig.clock.advance(100_000);
    rig.begin('d');
    rig.entry('e').breaker.override('forcedClosed');
    expect(await states()).toEqual(['_OTHER state=closed: 2', '_OTHER state=half_open: 1', '_OTHER state=open: 0']);
    expect(await rig.reader.series('override')).toContain('_OTHER override=forced_closed: 1');
  });

  it('has no latencies, limits and baselines: they cannot be summed', async () => {
    const rig = new Rig({ maxBreakers: 2, policy: { trip: { latencySlo: { limit: '25ms' }, adaptive: {} } } });
    for (const name of ['a', 'b', 'c', 'd', 'c', 'd', 'c', 'd']) {
      rig.call('success', { key: name });
      await rig.reader.collect();
    }
    expect(namesOf(await rig.reader.series('calls'))).toEqual(new Set(['a', 'b', OTHER]));
    for (const metric of ['latency', 'latency.limit', 'baseline.error_rate'])
      expect(namesOf(await rig.reader.series(metric)), metric).toEqual(new Set(['a', 'b']));
  });

  it('is also what the registry calls breakers beyond its bound; those keep a name for each policy', async () => {
    const rig = new Rig({ maxBreakers: 1 });
    rig.begin('a');
    rig.call('success', { key: 'b' });
    rig.call('success', { key: 'c' });
    expect(namesOf(await rig.reader.series('calls'))).toEqual(new Set(['a', OTHER]));
    expect(await rig.reader.series('calls')).toContain('_OTHER outcome=success: 2');
  });
});

describe('a name that comes back', () => {
  it('goes on counting where it was', async () => {
    const rig = new Rig({ maxBreakers: 3 });
    rig.calls(2, 'success', { key: 'a' });
    await rig.reader.collect();
    for (const name of ['b', 'c', 'd', 'a']) rig.call('success', { key: name });
    const calls = await rig.reader.series('calls');
    expect(calls).toContain('a outcome=success: 3');
    expect(sum(calls, 'outcome=success')).toBe(6);
    expect(namesOf(calls).size).toBe(4);
  });
});

describe('a call that ends after its breaker was evicted', () => {
  it('is counted once, and leaves nothing under way', async () => {
    const rig = new Rig({ maxBreakers: 2, policy: { openFor: '1s' } });
    const late = [rig.begin('a'), rig.begin('a')];
    rig.trip({ key: 'a' });
    const old = rig.entry('a');
    await rig.reader.collect();
    rig.begin('b');
    rig.clock.advance(100_000);
    // Nobody comes for the trial of a.
    rig.calls(2, 'success', { key: 'c' });
    expect(old.evicted).toBe(true);
    const lines = async () => (await rig.reader.series('calls')).filter((line) => line.startsWith('a ') && !line.endsWith(': 0'));
    expect(await lines()).toEqual(['a outcome=failure: 3']);
    for (const [index, permit] of late.entries()) {
      rig.telemetry.callEnded(undefined, old, 'success', 0, 10);
      old.breaker.settle(permit, 'success', 10, rig.clock.now(), 0);
      expect(await lines()).toEqual(['a outcome=failure: 3', `a outcome=success: ${index + 1}`]);
    }
    expect(await rig.reader.series('in_flight')).toContain('a: 0');
    expect(await rig.reader.series('status')).toContain('a state=open: 0');
  });
});

describe('another SDK than before', () => {
  it('has names of its own', async () => {
    const rig = new Rig({ maxBreakers: 2, telemetry: {} });
    let sdk = new GlobalSdk();
    for (const name of ['a', 'b', 'c', 'd', 'c', 'd']) {
      rig.call('success', { key: name });
      await sdk.reader.collect();
    }
    expect(namesOf(await sdk.reader.series('calls'))).toEqual(new Set(['a', 'b', OTHER]));
    await sdk.stop();
    sdk = new GlobalSdk();
    rig.call('success', { key: 'd' });
    expect(namesOf(await sdk.reader.series('calls'))).toEqual(new Set(['c', 'd']));
    await sdk.stop();
  });
});
