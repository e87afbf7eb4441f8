import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { describe, expect, it, vi } from 'vitest';
import { TestMetricReader } from './harness/metric-reader.ts';
import { Rig } from './harness/rig.ts';

describe('breakers that go', () => {
  it('leave no series behind that says they are in a state, when evicted', async () => {
    const rig = new Rig({ maxBreakers: 3 });
    rig.calls(2, 'success', { key: 'model-1' });
    await rig.reader.collect();
    rig.call('success', { key: 'model-1' });
    for (const key of ['model-2', 'model-3', 'model-4', 'model-5']) rig.call('success', { key });
    expect(rig.registry.get('model-1')).toBeUndefined();
    const status = (await rig.reader.series('status')).filter((line) => line.startsWith('model-1'));
    expect(status).toEqual(['model-1 state=closed: 0', 'model-1 state=half_open: 0', 'model-1 state=open: 0']);
    expect(await rig.reader.series('calls'), 'what was not collected yet is not lost').toContain('model-1 outcome=success: 3');
  });

  it('do not blank a breaker that has taken their name', async () => {
    const rig = new Rig({ maxBreakers: 3 });
    rig.call('success', { key: 'model-1' });
    await rig.reader.collect();
    for (const key of ['model-2', 'model-3', 'model-4', 'model-1']) rig.call('success', { key });
    expect(rig.registry.get('model-1')).toBeDefined();
    expect((await rig.reader.series('status')).filter((line) => line.startsWith('model-1'))).toContain('model-1 state=closed: 1');
  });

  it('are not kept in memory', async () => {
    const rig = new Rig({ maxBreakers: 3, policy: { openFor: '1ms' } });
    const gone: WeakRef<object>[] = [];
    for (let index = 0; index < 50; index++) {
      const key = `model-${index}`;
      rig.trip({ key, span: undefined });
      rig.tryAgain('success', { key, span: undefined });
      gone.push(new WeakRef(rig.entry(key)));
      if (index % 10 === 0) await rig.reader.collect();
    }
    await rig.reader.collect();
    await collectGarbage();
    expect(gone.filter((reference) => reference.deref() !== undefined).length).toBeLessThanOrEqual(5);
  });

  it('are in no state any more after dispose, for every reader, and are not asked again', async () => {
    const second = new TestMetricReader();
    const reader = new TestMetricReader();
    const rig = new Rig({ telemetry: { meterProvider: new MeterProvider({ readers: [reader, second] }) } });
    rig.trip();
    rig.begin();
    expect(await reader.series('status')).toContain('a state=open: 1');
    rig.call('success');
    rig.telemetry.dispose();
    const zeros = ['a state=closed: 0', 'a state=half_open: 0', 'a state=open: 0'];
    expect(await reader.series('status')).toEqual(zeros);
    expect(await reader.series('calls')).toContain('a outcome=rejected: 2');
    rig.call('success');
    expect(await reader.series('status')).toEqual(zeros);
    expect(await second.series('status')).toEqual(zeros);
    expect(await second.series('calls'), 'nobody reads the breakers any more').toContain('a outcome=rejected: 2');
  });

  it.each([true, false])('take their callback away, collected before dispose: %s', async (wasCollected) => {
    const rig = new Rig();
    const meter = rig.meterProvider.getMeter('grpc-breaker', '0.1.0');
    const [add, remove] = [vi.spyOn(meter, 'addBatchObservableCallback'), vi.spyOn(meter, 'removeBatchObservableCallback')];
    const second = new Rig({ telemetry: { meterProvider: rig.meterProvider } });
    second.call('success');
    if (wasCollected) await rig.reader.collect();
    second.telemetry.dispose();
    if (wasCollected) await rig.reader.collect();
    expect(add).toHaveBeenCalledOnce();
    expect(remove.mock.calls).toEqual(add.mock.calls);
  });

  it('have their counts told also where dispose comes before anybody collects', async () => {
    const rig = new Rig();
    rig.trip();
    rig.call('success');
    rig.telemetry.dispose();
    expect(await rig.reader.series('status')).toEqual(['a state=closed: 0', 'a state=half_open: 0', 'a state=open: 0']);
    expect(await rig.reader.series('calls')).toContain('a outcome=failure: 3');
    expect(await rig.reader.series('rejections')).toContain('a reason=open: 1');
    expect(rig.warnings).toEqual([]);
  });

  it('do not disturb the breakers of another policy on the same provider', async () => {
    const rig = new Rig();
    const other = new Rig({ telemetry: { meterProvider: rig.meterProvider } });
    rig.call('success');
    other.call('success', { key: 'b' });
    await rig.reader.collect();
    rig.telemetry.dispose();
    other.call('success', { key: 'b' });
    expect(await rig.reader.series('calls')).toContain('b outcome=success: 2');
    expect(await rig.reader.series('status')).toEqual([
      'a state=closed: 0',
      'a state=half_open: 0',
      'a state=open: 0',
      'b state=closed: 1',
      'b state=half_open: 0',
      'b state=open: 0',
    ]);
  });
});

async function collectGarbage(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  for (let round = 0; round < 5; round++) {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
  }
}
