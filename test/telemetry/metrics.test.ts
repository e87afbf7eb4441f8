import {
  AggregationTemporality,
  createDenyListAttributesProcessor,
  InstrumentType,
  MeterProvider,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import type { MethodPolicyOptions } from '../../src/policy/policy.ts';
import { countSkip } from '../../src/policy/registry.ts';
import { isInteger, TestMetricReader } from './harness/metric-reader.ts';
import { P } from './harness/names.ts';
import { Rig } from './harness/rig.ts';

describe('the metrics', () => {
  it('have these names, kinds and units', async () => {
    const rig = new Rig();
    rig.trip();
    rig.fallBack('default');
    rig.tryAgain('success');
    const describeMetric = (data: MetricData) => {
      const monotonic = 'isMonotonic' in data ? data.isMonotonic : undefined;
      return [data.descriptor.unit, monotonic, isInteger(data)];
    };
    const found = Object.fromEntries(Array.from(await rig.reader.read(), ([name, data]) => [name, describeMetric(data)]));
    expect(found).toEqual({
      status: ['1', false, true],
      calls: ['{call}', true, true],
      rejections: ['{call}', true, true],
      fallbacks: ['{response}', true, true],
      in_flight: ['{call}', false, true],
      override: ['1', false, true],
      transitions: ['{transition}', true, true],
      'open.duration': ['s', undefined, false],
      'policy.reloads': ['{reload}', true, true],
      'policy.up_to_date': ['1', undefined, true],
    });
  });

  it('status is 1 for the state and 0 for the others', async () => {
    const rig = new Rig();
    rig.entry();
    const states = async () => (await rig.reader.series('status')).map((line) => line.replace('a state=', ''));
    expect(await states()).toEqual(['closed: 1', 'half_open: 0', 'open: 0']);
    rig.trip();
    expect(await states()).toEqual(['closed: 0', 'half_open: 0', 'open: 1']);
    rig.clock.advance(100_000);
    rig.begin();
    expect(await states()).toEqual(['closed: 0', 'half_open: 1', 'open: 0']);
  });

  it('override is 1 while a person holds it so', async () => {
    const rig = new Rig();
    const overrides = async () => (await rig.reader.series('override')).map((line) => line.replace('a override=', ''));
    rig.entry();
    expect(await overrides()).toEqual(['forced_closed: 0', 'forced_open: 0']);
    rig.entry().breaker.override('forcedClosed');
    expect(await overrides()).toEqual(['forced_closed: 1', 'forced_open: 0']);
    rig.entry().breaker.override('forcedOpen');
    expect(await overrides()).toEqual(['forced_closed: 0', 'forced_open: 1']);
    rig.entry().breaker.override(null);
    expect(await overrides()).toEqual(['forced_closed: 0', 'forced_open: 0']);
  });

  it('calls are counted by outcome, refused ones too, and from 0', async () => {
    const rig = new Rig();
    rig.entry();
    const calls = async () => (await rig.reader.series('calls')).map((line) => line.replace('a outcome=', ''));
    expect(await calls()).toEqual(['failure: 0', 'ignored: 0', 'rejected: 0', 'success: 0']);
    rig.calls(5, 'success');
    rig.calls(2, 'ignored');
    rig.trip();
    rig.calls(4, 'success');
    expect(await calls()).toEqual(['failure: 3', 'ignored: 2', 'rejected: 4', 'success: 5']);
  });

  it('rejections are counted by reason', async () => {
    const rig = new Rig();
    rig.trip();
    rig.calls(4, 'success');
    rig.clock.advance(100_000);
    rig.begin();
    rig.calls(2, 'success');
    rig.entry().breaker.override('forcedOpen');
    rig.call('success');
    expect(await rig.reader.series('rejections')).toEqual(['a reason=forced: 1', 'a reason=half_open: 2', 'a reason=open: 4']);
  });

  it.each<[MethodPolicyOptions, string[]]>([
    [{ rampUp: '5s' }, ['forced', 'half_open', 'open', 'ramp']],
    [{ maxConcurrent: 2 }, ['concurrency', 'forced', 'half_open', 'open']],
    [{ shed: {}, rampUp: 0 }, ['forced', 'half_open', 'open', 'shed']],
    [{ mode: 'observe' }, ['forced']],
    [{ mode: 'off' }, ['forced']],
  ])('the reasons that a policy like %j knows are there with 0 before the first', async (policy, reasons) => {
    const rig = new Rig({ policy });
    rig.entry();
    expect(await rig.reader.series('rejections')).toEqual(reasons.map((reason) => `a reason=${reason}: 0`));
  });

  it('fallbacks are counted by source, those of the policy from 0', async () => {
    const sources = [
      { message: {}, name: 'default' },
      { function: () => undefined, name: 'lastGood' },
    ];
    const rig = new Rig({ policy: { fallback: { sources } } });
    rig.entry();
    expect(await rig.reader.series('fallbacks')).toEqual(['a fallback.source=default: 0', 'a fallback.source=lastGood: 0']);
    rig.fallBack('lastGood');
    rig.fallBack('lastGood');
    expect(await rig.reader.series('fallbacks')).toEqual(['a fallback.source=default: 0', 'a fallback.source=lastGood: 2']);
  });

  it('fallback.skips are the sources that were passed over, by why', async () => {
    const rig = new Rig({ policy: { fallback: { sources: [{ message: {} }] } } });
    const entry = rig.entry();
    expect(await rig.reader.series('fallback.skips')).toEqual([]);
    countSkip(entry, 'lastGood', 'tooOld');
    countSkip(entry, 'lastGood', 'tooOld');
    countSkip(entry, 'function', 'timeout');
    expect(await rig.reader.series('fallback.skips')).toEqual([
      'a fallback.source=function reason=timeout: 1',
      'a fallback.source=lastGood reason=too_old: 2',
    ]);
  });

  it('in_flight is the calls under way', async () => {
    const rig = new Rig();
    const calls = [rig.begin(), rig.begin(), rig.begin()];
    expect(await rig.reader.series('in_flight')).toEqual(['a: 3']);
    for (const call of calls) rig.end(call, 'success');
    expect(await rig.reader.series('in_flight')).toEqual(['a: 0']);
  });

  it('transitions are counted by states and reason; trips are there with 0 before the first, recoveries from the first trip on', async () => {
    const slowCallRate = { slowerThan: '25ms', window: '10s' } as const;
    const rig = new Rig({ policy: { trip: { consecutiveFailures: 3, slowCallRate } } });
    rig.entry();
    const tripSeries = ['consecutive_failures', 'forced', 'manual', 'slow_call_rate'].map(
      (reason) => `a previous_state=closed reason=${reason} state=open`,
    );
    expect(await rig.reader.series('transitions')).toEqual(tripSeries.map((series) => `${series}: 0`));
    rig.trip();
    rig.tryAgain('failure');
    rig.tryAgain('success');
    rig.entry().breaker.trip('maintenance');
    expect(await rig.reader.series('transitions')).toEqual([
      'a previous_state=closed reason=consecutive_failures state=open: 1',
      'a previous_state=closed reason=forced state=open: 0',
      'a previous_state=closed reason=manual state=open: 1',
      'a previous_state=closed reason=slow_call_rate state=open: 0',
      'a previous_state=half_open reason=forced state=closed: 0',
      'a previous_state=half_open reason=forced state=open: 0',
      'a previous_state=half_open reason=manual state=open: 0',
      'a previous_state=half_open reason=trial_expired state=open: 0',
      'a previous_state=half_open reason=trial_failed state=open: 1',
      'a previous_state=half_open reason=trial_slow state=open: 0',
      'a previous_state=half_open reason=trials_succeeded state=closed: 1',
      'a previous_state=open reason=forced state=closed: 0',
      'a previous_state=open reason=open_period_over state=half_open: 2',
    ]);
  });

  it('open.duration has each open period that is over, in seconds', async () => {
    const rig = new Rig();
    rig.trip();
    expect(await rig.reader.series('open.duration')).toEqual([]);
    rig.clock.advance(12_000);
    rig.call('failure');
    rig.clock.advance(61_000);
    rig.call('success');
    const [point] = (await rig.reader.read()).get('open.duration')?.dataPoints ?? [];
    expect(point?.value).toMatchObject({
      count: 2,
      sum: 73,
      buckets: { boundaries: [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800], counts: [0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0] },
    });
  });

  it('count calls as they ended where the breaker only observes', async () => {
    const rig = new Rig({ policy: { mode: 'observe' } });
    rig.trip();
    rig.calls(2, 'success');
    rig.call('failure');
    expect(await rig.reader.series('calls')).toEqual([
      'a outcome=failure: 4',
      'a outcome=ignored: 0',
      'a outcome=rejected: 0',
      'a outcome=success: 2',
    ]);
    expect(await rig.reader.series('status')).toContain('a state=closed: 1');
    expect(await rig.reader.series('shadow.status')).toContain('a state=open: 1');
  });

  it('tell one breaker from another', async () => {
    const rig = new Rig();
    rig.call('success');
    rig.calls(2, 'success', { key: 'b' });
    const successes = (await rig.reader.series('calls')).filter((line) => line.includes('success'));
    expect(successes).toEqual(['a outcome=success: 1', 'b outcome=success: 2']);
  });

  it('see a trial whose lease is over, as snapshots do', async () => {
    const rig = new Rig({ policy: { lease: '1s' } });
    rig.trip();
    rig.clock.advance(100_000);
    rig.begin();
    rig.clock.advance(1_000);
    expect(await rig.reader.series('status')).toContain('a state=open: 1');
    expect(await rig.reader.series('transitions')).toContain('a previous_state=half_open reason=trial_expired state=open: 1');
  });
});

describe('with a view that leaves out the name', () => {
  it('sums all breakers', async () => {
    const reader = new TestMetricReader();
    const attributesProcessors = [createDenyListAttributesProcessor([`${P}name`])];
    const views = [{ meterName: 'grpc-breaker', attributesProcessors }];
    const rig = new Rig({ telemetry: { meterProvider: new MeterProvider({ readers: [reader], views }) } });
    rig.calls(5, 'success');
    rig.calls(2, 'success', { key: 'b' });
    rig.trip({ key: 'b' });
    expect(await reader.series('calls')).toContain('outcome=success: 7');
    expect(await reader.series('status')).toEqual(['state=closed: 1', 'state=half_open: 0', 'state=open: 1']);
  });
});

describe('with delta temporality', () => {
  it('counts what came since the last collection', async () => {
    const reader = new TestMetricReader({
      aggregationTemporalitySelector: (type) =>
        type === InstrumentType.COUNTER ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
    });
    const rig = new Rig({ telemetry: { meterProvider: new MeterProvider({ readers: [reader] }) } });
    rig.calls(5, 'success');
    expect(await reader.series('calls')).toContain('a outcome=success: 5');
    rig.calls(2, 'success');
    expect(await reader.series('calls')).toContain('a outcome=success: 2');
    expect(await reader.series('status')).toContain('a state=closed: 1');
  });
});
