import { describe, expect, it } from 'vitest';
import type { MethodPolicyOptions } from '../../src/policy/policy.ts';
import { countIgnored } from '../../src/policy/registry.ts';
import { isInteger } from './harness/metric-reader.ts';
import { Rig } from './harness/rig.ts';

// The series of what a breaker has learned, ignored and refused, and of signals: kinds, units, and when they are there.

const BOTH = { adaptive: { warmUp: 200 }, latencySlo: { limit: '25ms', window: '10s' } } as const;
const SIGNAL = { signal: 'gpuHot', policies: [], firing: false, value: undefined, lastReadingAtMs: undefined };

/** So many calls of 10 ms, 200 a second. */
function calls(rig: Rig, count: number, key = 'a'): void {
  for (let call = 0; call < count; call++) {
    rig.call('success', { key, span: undefined, durationMs: 10 });
    rig.clock.advance(5);
  }
}

describe('the metrics of judgement', () => {
  it('have these names, kinds and units', async () => {
    const rig = new Rig({ policy: { trip: BOTH } });
    rig.telemetry.observeSignals(() => [{ ...SIGNAL, errors: 1, lastError: 'down' }]);
    calls(rig, 500);
    countIgnored(rig.entry(), 'deadlinePast');
    const metrics = await rig.reader.read();
    const described = [
      'ignored',
      'latency',
      'latency.limit',
      'baseline.error_rate',
      'baseline.latency',
      'signal.errors',
      'signal.firing',
    ].map((name) => {
      const data = metrics.get(name);
      const monotonic = data !== undefined && 'isMonotonic' in data ? data.isMonotonic : 'gauge';
      return [name, data?.descriptor.unit, monotonic, isInteger(data)];
    });
    expect(described).toEqual([
      ['ignored', '{call}', true, true],
      ['latency', 's', 'gauge', false],
      ['latency.limit', 's', 'gauge', false],
      ['baseline.error_rate', '1', 'gauge', false],
      ['baseline.latency', 's', 'gauge', false],
      ['signal.errors', '{error}', true, true],
      ['signal.firing', '1', false, true],
    ]);
  });

  it('say the limit of the SLO and how near it is, whatever its percentile', async () => {
    const rig = new Rig({ policy: { trip: { latencySlo: { percentile: 0.9, limit: '50ms' } } } });
    for (let call = 1; call <= 100; call++) rig.call('success', { durationMs: call / 4 });
    expect(await rig.reader.series('latency.limit')).toEqual(['a quantile=0.9: 0.05']);
    const latency = (await rig.reader.series('latency')).map((line) => line.split(': '));
    expect(latency.map(([quantile]) => quantile)).toEqual(['a quantile=0.5', 'a quantile=0.99', 'a quantile=0.9']);
    expect(Number(latency[2]?.[1]) / 0.0225).toBeCloseTo(1, 1);
  });

  it('say whether a signal fires', async () => {
    const rig = new Rig();
    let firing = true;
    rig.telemetry.observeSignals(() => [{ ...SIGNAL, errors: 0, lastError: undefined, firing }]);
    rig.entry();
    expect(await rig.reader.series('signal.firing')).toEqual([expect.stringMatching(/: 1$/)]);
    firing = false;
    expect(await rig.reader.series('signal.firing')).toEqual([expect.stringMatching(/: 0$/)]);
    firing = true;
    await rig.reader.collect();
    rig.telemetry.dispose();
    expect(await rig.reader.series('signal.firing'), 'after dispose it is nobody’s').toEqual([expect.stringMatching(/: 0$/)]);
  });

  it('latency and baselines are there only with the condition that knows them', async () => {
    const rig = new Rig();
    calls(rig, 500);
    const names = [...(await rig.reader.read()).keys()];
    expect(names.filter((name) => /latency|baseline|signal|ignored/.test(name))).toEqual([]);
  });

  it('the baseline of errors is what is usual', async () => {
    const rig = new Rig({ policy: { trip: BOTH } });
    for (let round = 0; round < 40; round++) {
      calls(rig, 99);
      rig.call('failure', { span: undefined });
    }
    expect(rig.entry().breaker.state).toBe('closed');
    const [point] = (await rig.reader.read()).get('baseline.error_rate')?.dataPoints ?? [];
    expect(point?.value).toBeGreaterThan(0.005);
    expect(point?.value).toBeLessThan(0.02);
  });

  it('keep their last values when a window is empty, when a breaker was evicted, and after dispose', async () => {
    const rig = new Rig({ policy: { trip: BOTH }, maxBreakers: 1 });
    calls(rig, 500);
    const read = async () => [...(await rig.reader.series('latency')), ...(await rig.reader.series('baseline.latency'))];
    const before = await read();
    expect(before).toHaveLength(3);
    rig.clock.advance(60_000);
    expect(
      rig
        .entry()
        .breaker.snapshot()
        .conditions.every(({ latency }) => latency === undefined),
    ).toBe(true);
    expect(await read()).toEqual(before);
    rig.entry().breaker.reset();
    for (const key of ['b', 'b', 'c', 'b']) calls(rig, 1, key);
    expect(rig.registry.get('a')).toBeUndefined();
    expect((await read()).filter((line) => line.startsWith('a '))).toEqual(before.filter((line) => line.startsWith('a ')));
    rig.telemetry.dispose();
    expect((await read()).filter((line) => line.startsWith('a '))).toEqual(before.filter((line) => line.startsWith('a ')));
  });
});

describe('refused calls', () => {
  const refusals = async (rig: Rig) => (await rig.reader.series('rejections')).filter((line) => !line.endsWith(': 0'));

  it('of a ramp, once traffic comes back', async () => {
    const rig = new Rig({ policy: { rampUp: '5s', openFor: '5s' } });
    rig.trip();
    rig.tryAgain('success');
    // All at one moment: what a quiet method is granted whatever the share is used up.
    for (let call = 0; call < 100; call++) rig.call('success');
    const { ramp } = rig.entry().breaker.snapshot().counts.rejected;
    expect(ramp).toBeGreaterThan(0);
    expect(await refusals(rig)).toEqual([`a reason=ramp: ${ramp}`]);
  });

  it('for too many under way', async () => {
    const rig = new Rig({ policy: { maxConcurrent: 2 } });
    rig.begin();
    rig.begin();
    const refused = rig.call('success');
    expect(await refusals(rig)).toEqual(['a reason=concurrency: 1']);
    expect(rig.exported(refused).attributes).toMatchObject({
      'grpc_breaker.circuit_breaker.state': 'closed',
      'grpc_breaker.circuit_breaker.reason': 'concurrency',
    });
  });

  it('of a share that is shed', async () => {
    const rig = new Rig({ policy: { shed: {} } });
    rig.calls(200, 'failure');
    const { shed } = rig.entry().breaker.snapshot().counts.rejected;
    expect(shed).toBeGreaterThan(0);
    expect(await refusals(rig)).toEqual([`a reason=shed: ${shed}`]);
  });
});

/** What a person can do to a breaker that has tripped. */
const BY_A_PERSON = [
  'closed open forced 0',
  'half_open closed forced 0',
  'half_open open forced 0',
  'half_open open manual 0',
  'open closed forced 0',
];

describe('transitions of judgement', () => {
  const series = async (policy: MethodPolicyOptions, trips: boolean) => {
    const rig = new Rig({ policy });
    if (trips) rig.entry().breaker.trip('test');
    else rig.entry();
    const lines = await rig.reader.series('transitions');
    return lines.map((line) => line.replace(/a previous_state=(\w+) reason=(\w+) state=(\w+): (\d)/, '$1 $3 $2 $4'));
  };

  it('are there with 0 where the policy can make them: trips, also by a signal', async () => {
    const trip = { adaptive: {}, latencySlo: { limit: '25ms' }, signal: 'gpuHot' } as const;
    const trips = ['adaptive', 'forced', 'latency_slo', 'manual', 'signal'].map((reason) => `closed open ${reason} 0`);
    expect(await series({ trip }, false)).toEqual(trips);
    const prometheus = { url: 'http://127.0.0.1:9090', query: 'up', below: 1 };
    expect(await series({ trip: { adaptive: {}, prometheus } }, false)).toEqual([
      'closed open adaptive 0',
      'closed open forced 0',
      'closed open manual 0',
      'closed open signal 0',
    ]);
    expect(await series({ mode: 'off' }, false), 'switched off, a person alone can open it').toEqual(['closed open forced 0']);
  });

  it('from the first trip on those of a recovery: by evidence with adaptive', async () => {
    expect(await series({ trip: { adaptive: {} }, rampUp: '5s' }, true)).toEqual(
      [
        'closed open adaptive 0',
        'closed open manual 1',
        'half_open closed baseline_adopted 0',
        ...BY_A_PERSON,
        'half_open open trial_expired 0',
        'half_open open trials_failed 0',
        'half_open closed trials_succeeded 0',
        'open half_open open_period_over 0',
      ].sort(byReason),
    );
  });

  it('and by single trials without, with a ramp that may fail', async () => {
    expect(await series({ rampUp: '5s' }, true)).toEqual(
      [
        'closed open consecutive_failures 0',
        'closed open manual 1',
        'closed open ramp_failed 0',
        ...BY_A_PERSON,
        'half_open open trial_expired 0',
        'half_open open trial_failed 0',
        'half_open closed trials_succeeded 0',
        'open half_open open_period_over 0',
      ].sort(byReason),
    );
  });
});

/** As the lines of a metric are sorted: by the state before, then by the reason. */
function byReason(left: string, right: string): number {
  const key = (line: string) => line.replace(/^(\w+) (\w+) (\w+).*/, '$1 $3 $2');
  return key(left) < key(right) ? -1 : 1;
}

describe('signals', () => {
  it('are counted before there is a breaker, and last after dispose', async () => {
    const rig = new Rig();
    let errors = 0;
    rig.telemetry.observeSignals(() => [{ ...SIGNAL, errors, lastError: undefined }]);
    rig.telemetry.callStarted();
    expect(await rig.reader.series('signal.errors')).toEqual(['signal=gpuHot: 0']);
    errors = 4;
    expect(await rig.reader.series('signal.errors')).toEqual(['signal=gpuHot: 4']);
    errors = 5;
    rig.telemetry.dispose();
    expect(await rig.reader.series('signal.errors')).toEqual(['signal=gpuHot: 5']);
  });
});
