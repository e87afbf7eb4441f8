import { describe, expect, it } from 'vitest';
import { countWouldAnswer } from '../../src/policy/shadow-counts.ts';
import { P } from './harness/names.ts';
import { Rig } from './harness/rig.ts';

const OBSERVE = { mode: 'observe' } as const;

/** Without those that have counted nothing. */
const counted = async (rig: Rig, metric: string) =>
  (await rig.reader.series(metric)).filter((line) => !line.endsWith(': 0')).map((line) => line.replace(/^\w /, ''));

describe('a breaker that observes', () => {
  it('has series of its own, those of its policy with 0 before the first', async () => {
    const sources = [{ message: {}, name: 'default' }];
    const rig = new Rig({ policy: { ...OBSERVE, maxConcurrent: 2, fallback: { sources } } });
    rig.entry();
    expect(await rig.reader.series('shadow.status')).toEqual(['a state=closed: 1', 'a state=half_open: 0', 'a state=open: 0']);
    expect(await rig.reader.series('shadow.rejections')).toEqual([
      'a reason=concurrency: 0',
      'a reason=half_open: 0',
      'a reason=open: 0',
    ]);
    expect(await rig.reader.series('shadow.fallbacks')).toEqual(['a fallback.source=default: 0']);
    expect(await rig.reader.series('shadow.transitions')).toEqual([
      'a previous_state=closed reason=consecutive_failures state=open: 0',
      'a previous_state=closed reason=manual state=open: 0',
    ]);
    expect(await rig.reader.series('transitions')).toEqual(['a previous_state=closed reason=forced state=open: 0']);
  });

  it('tells by them what enforcement would have done, and by the others nothing', async () => {
    const rig = new Rig({ policy: OBSERVE });
    rig.trip();
    rig.calls(4, 'success');
    countWouldAnswer(rig.entry(), 'hold');
    expect(await counted(rig, 'shadow.status')).toEqual(['state=open: 1']);
    expect(await counted(rig, 'shadow.rejections')).toEqual(['reason=open: 4']);
    expect(await counted(rig, 'shadow.fallbacks')).toEqual(['fallback.source=hold: 1']);
    expect(await counted(rig, 'status')).toEqual(['state=closed: 1']);
    rig.tryAgain('success');
    expect(await counted(rig, 'shadow.transitions')).toEqual([
      'previous_state=closed reason=consecutive_failures state=open: 1',
      'previous_state=half_open reason=trials_succeeded state=closed: 1',
      'previous_state=open reason=open_period_over state=half_open: 1',
    ]);
    for (const metric of ['transitions', 'rejections', 'fallbacks', 'open.duration'])
      expect(await counted(rig, metric)).toEqual([]);
  });

  it('is enforced where a person forces it, and that is no shadow', async () => {
    const rig = new Rig({ policy: OBSERVE });
    rig.entry().breaker.override('forcedOpen', { forMs: 12_000 });
    rig.calls(2, 'success');
    expect(await counted(rig, 'status')).toEqual(['state=open: 1']);
    expect(await counted(rig, 'shadow.status')).toEqual([]);
    expect(await counted(rig, 'rejections')).toEqual(['reason=forced: 2']);
    expect(await counted(rig, 'transitions')).toEqual(['previous_state=closed reason=forced state=open: 1']);
    rig.clock.advance(12_000);
    rig.call('success');
    const [period] = (await rig.reader.read()).get('open.duration')?.dataPoints ?? [];
    expect(period?.value).toMatchObject({ count: 1, sum: 12 });
    // The trial was only watched.
    expect(await counted(rig, 'shadow.transitions')).toEqual([
      'previous_state=half_open reason=trials_succeeded state=closed: 1',
      'previous_state=open reason=open_period_over state=half_open: 1',
    ]);
    expect(await counted(rig, 'shadow.rejections')).toEqual([]);
  });

  it('blames no call that it would have refused for a change of state', () => {
    const rig = new Rig({ policy: { ...OBSERVE, trip: { failureRate: { minCalls: 2 } }, trials: 2 } });
    rig.calls(2, 'failure');
    const refused = rig.calls(3, 'failure');
    rig.clock.advance(100_000);
    const first = rig.begin();
    const second = rig.clientSpan();
    const trial = rig.begin();
    const beside = rig.call('failure');
    rig.end(trial, 'failure', { span: second });
    rig.end(first, 'success');
    const linked = rig
      .spans('transition')
      .at(-1)
      ?.links.map(({ context }) => context.spanId);
    expect(linked).toEqual([second.spanContext().spanId]);
    for (const span of [...refused, beside]) expect(rig.exported(span).attributes).toMatchObject({ [`${P}would_reject`]: true });
  });

  it('tells on the caller’s span what a fallback would have answered', () => {
    const rig = new Rig({ policy: OBSERVE });
    const span = rig.clientSpan();
    rig.telemetry.fallbackWouldServe(span, rig.entry(), 'hold', 'failed');
    span.end();
    expect(rig.exported(span).attributes).toEqual({
      [`${P}name`]: 'a',
      [`${P}state`]: 'closed',
      [`${P}mode`]: 'observe',
      [`${P}would_fallback.source`]: 'hold',
      [`${P}would_fallback.reason`]: 'failed',
    });
  });

  it('counts on the span of an open period what would have been refused and answered', () => {
    const rig = new Rig({ policy: OBSERVE });
    countWouldAnswer(rig.entry(), 'hold');
    rig.trip();
    rig.calls(2, 'success');
    countWouldAnswer(rig.entry(), 'hold');
    rig.tryAgain('success');
    expect(rig.spans('open')[0]?.attributes).toMatchObject({
      [`${P}would_reject.count`]: 2,
      [`${P}would_fallback.count`]: 1,
      [`${P}rejected.count`]: 0,
    });
  });
});

describe('a mode that changes', () => {
  it('by a person: the series follow, and what was counted stays', async () => {
    const rig = new Rig();
    rig.trip();
    rig.calls(2, 'success');
    const { breaker } = rig.entry();
    breaker.setMode('observe', { reason: 'it refuses too much' });
    rig.calls(3, 'success');
    expect([await counted(rig, 'status'), await counted(rig, 'shadow.status')]).toEqual([['state=closed: 1'], ['state=open: 1']]);
    expect([await counted(rig, 'rejections'), await counted(rig, 'shadow.rejections')]).toEqual([
      ['reason=open: 2'],
      ['reason=open: 3'],
    ]);
    breaker.setMode(null);
    rig.call('success');
    expect([await counted(rig, 'status'), await counted(rig, 'shadow.status')]).toEqual([['state=open: 1'], []]);
    expect([await counted(rig, 'rejections'), await counted(rig, 'shadow.rejections')]).toEqual([
      ['reason=open: 3'],
      ['reason=open: 3'],
    ]);
  });
});

describe('a reload', () => {
  it('to another policy: its reasons and conditions are there with 0, and what was counted stays', async () => {
    const rig = new Rig({ policy: OBSERVE });
    rig.entry();
    await rig.reader.read();
    rig.trip();
    rig.adopt({ trip: { failureRate: {} }, maxConcurrent: 5, key: ['target', 'method'] });
    expect(rig.entry().breaker.mode).toBe('enforce');
    expect(await counted(rig, 'shadow.transitions')).toHaveLength(1);
    expect(await rig.reader.series('transitions')).toContain('a previous_state=closed reason=failure_rate state=open: 0');
    expect(await rig.reader.series('rejections')).toContain('a reason=concurrency: 0');
    expect([await counted(rig, 'status'), await counted(rig, 'shadow.status')]).toEqual([['state=open: 1'], []]);
  });

  it('that ends a breaker: its spans end, and its series fall to 0', async () => {
    for (const policy of [{}, OBSERVE]) {
      const rig = new Rig({ policy });
      rig.trip();
      rig.call('failure');
      await rig.reader.read();
      rig.adopt({ mode: 'off' });
      expect(rig.registry.get('a')).toBeUndefined();
      expect(rig.spans('open')).toHaveLength(1);
      expect(rig.spans('transition').at(-1)?.attributes).toMatchObject({ [`${P}state`]: 'closed', [`${P}reason`]: 'reset' });
      for (const metric of ['status', 'shadow.status', 'in_flight']) expect(await counted(rig, metric)).toEqual([]);
      expect(rig.warnings).toEqual([]);
    }
  });
});
