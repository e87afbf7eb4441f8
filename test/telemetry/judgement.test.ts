import { describe, expect, it } from 'vitest';
import { P } from './harness/names.ts';
import { Rig } from './harness/rig.ts';

// What telemetry says of the conditions that learn and measure, and of calls that are slow while under way.

const ADAPTIVE = { trip: { adaptive: { blip: 0, warmUp: 200 } } } as const;

/** A breaker that knows what is usual: 10 ms, no failures. */
function learned(rig: Rig): void {
  for (let call = 0; call < 1_000; call++) {
    rig.call('success', { span: undefined, durationMs: 10 });
    rig.clock.advance(5);
  }
}

describe('adaptive', () => {
  it('reports what is usual, once it is known', async () => {
    const rig = new Rig({ policy: ADAPTIVE });
    rig.entry();
    expect(await rig.reader.series('baseline.latency')).toEqual([]);
    learned(rig);
    const [latency] = (await rig.reader.read()).get('baseline.latency')?.dataPoints ?? [];
    expect(latency?.value).toBeGreaterThan(0.008);
    expect(latency?.value).toBeLessThan(0.012);
    expect(await rig.reader.series('baseline.error_rate')).toEqual(['a: 0']);
  });

  it('links a trip by errors to the calls that failed, with their number and codes', () => {
    const rig = new Rig({ policy: ADAPTIVE });
    learned(rig);
    const spans: (string | undefined)[] = [];
    while (rig.entry().breaker.state === 'closed') spans.push(rig.call('failure', { code: 4 })?.spanContext().spanId);
    const [trip] = rig.spans('transition');
    expect(trip?.links.map(({ context }) => context.spanId)).toEqual(spans);
    expect(trip?.attributes).toMatchObject({
      [`${P}reason`]: 'adaptive',
      [`${P}verdict.of`]: 'errors',
      [`${P}verdict.hits`]: spans.length,
      [`${P}verdict.evidence.codes`]: [`DEADLINE_EXCEEDED ${spans.length}`],
      'error.type': 'DEADLINE_EXCEEDED',
    });
  });

  it('links a trip by slowness to calls that had not ended', () => {
    const rig = new Rig({ policy: ADAPTIVE });
    learned(rig);
    const { breaker } = rig.entry();
    const spans = Array.from({ length: 20 }, (_, n) => rig.clientSpan(`call ${n}`));
    const permits = spans.map(() => rig.begin());
    rig.clock.advance(200);
    permits.forEach((permit, n) => {
      if (breaker.state !== 'closed') return;
      rig.telemetry.callSlow(spans[n], rig.entry(), false);
      breaker.watch(permit, 200, rig.clock.now());
    });
    const [trip] = rig.spans('transition');
    expect(trip?.attributes).toMatchObject({ [`${P}verdict.of`]: 'slowness', 'error.type': 'adaptive' });
    const linked = trip?.links.map(({ context }) => context.spanId) ?? [];
    expect(linked.length).toBeGreaterThan(1);
    expect(linked).toEqual(spans.slice(0, linked.length).map((span) => span.spanContext().spanId));
    expect(trip?.attributes[`${P}verdict.evidence.calls`]).toContain('slow: 200 ms');
  });
});

describe('latencySlo', () => {
  it('reports the percentiles of its window, and nothing while it is empty', async () => {
    const rig = new Rig({ policy: { trip: { latencySlo: { limit: '25ms', window: { calls: 100 } } } } });
    rig.entry();
    expect(await rig.reader.series('latency')).toEqual([]);
    for (let call = 0; call < 100; call++) rig.call('success', { durationMs: call < 98 ? 10 : 20 });
    const points = (await rig.reader.read()).get('latency')?.dataPoints ?? [];
    const byQuantile = new Map(points.map(({ attributes, value }) => [attributes[`${P}quantile`], value as number]));
    expect(Math.abs((byQuantile.get(0.5) ?? 0) / 0.01 - 1)).toBeLessThan(0.03);
    expect(Math.abs((byQuantile.get(0.99) ?? 0) / 0.02 - 1)).toBeLessThan(0.03);
  });
});

describe('ignored calls and signals', () => {
  it('are counted by cause', async () => {
    const rig = new Rig();
    rig.entry().ignored = new Map([
      ['cancelled', 2],
      ['clientStall', 1],
    ]);
    expect(await rig.reader.series('ignored')).toEqual(['a cause=cancelled: 2', 'a cause=client_stall: 1']);
  });

  it('are counted by signal, those of one name together, long names cut', async () => {
    const rig = new Rig();
    const status = { policies: [], firing: false, value: undefined, lastReadingAtMs: undefined, lastError: undefined };
    const query = `prometheus: ${'x'.repeat(200)}`;
    rig.telemetry.observeSignals(() => [
      { ...status, signal: 'gpuHot', errors: 2 },
      { ...status, signal: query, errors: 1 },
      { ...status, signal: query, errors: 3 },
    ]);
    expect(await rig.reader.series('signal.errors')).toEqual(['signal=gpuHot: 2', `signal=${query.slice(0, 100)}: 4`]);
  });
});
