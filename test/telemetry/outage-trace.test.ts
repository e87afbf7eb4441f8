import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { P } from './harness/names.ts';
import { METHOD, Rig } from './harness/rig.ts';

const DEADLINE_EXCEEDED = 4;

const identity = {
  [`${P}name`]: 'a',
  'rpc.system.name': 'grpc',
  'rpc.method': METHOD,
  'server.address': '127.0.0.1',
  'server.port': 8081,
};

const ids = (spans: readonly ({ spanContext(): { spanId: string } } | undefined)[]) =>
  spans.map((span) => span?.spanContext().spanId);

describe('the span of a trip', () => {
  it('is there while the breaker is still open', () => {
    const rig = new Rig();
    rig.trip();
    const [trip] = rig.spans('transition');
    expect(trip?.instrumentationScope).toMatchObject({ name: 'grpc-breaker', version: '0.1.0' });
    expect(trip?.kind).toBe(SpanKind.INTERNAL);
    expect(trip?.events).toEqual([]);
  });

  it('says what happened and on which numbers', () => {
    const rig = new Rig();
    rig.trip({ code: DEADLINE_EXCEEDED });
    const [trip] = rig.spans('transition');
    expect(trip?.attributes).toEqual({
      ...identity,
      [`${P}state`]: 'open',
      [`${P}previous_state`]: 'closed',
      [`${P}reason`]: 'consecutive_failures',
      [`${P}mode`]: 'enforce',
      [`${P}verdict.failures`]: 3,
      [`${P}verdict.threshold`]: 3,
      [`${P}verdict.evidence.bad`]: 3,
      [`${P}verdict.evidence.span`]: 0,
      [`${P}verdict.evidence.codes`]: ['DEADLINE_EXCEEDED 3'],
      [`${P}verdict.evidence.calls`]: Array(3).fill('DEADLINE_EXCEEDED after 10 ms'),
      [`${P}open.planned_duration`]: 5,
      'error.type': 'DEADLINE_EXCEEDED',
    });
    expect(trip?.status).toEqual({ code: SpanStatusCode.ERROR, message: '3 failures in a row (trips at 3)' });
  });

  it('is a root, whatever the caller traces', () => {
    const rig = new Rig();
    rig.trip();
    const [trip] = rig.spans('transition');
    expect(trip?.parentSpanContext).toBeUndefined();
    expect(trip?.spanContext().traceId).not.toBe(rig.exporter.getFinishedSpans()[0]?.spanContext().traceId);
  });

  it('links to the calls that made it trip, the one that tripped it included', () => {
    const rig = new Rig();
    const early = rig.call('failure');
    rig.call('success');
    const causes = [...rig.calls(2, 'failure'), rig.call('failure')];
    const linked = rig.spans('transition')[0]?.links.map(({ context }) => context.spanId);
    expect(linked).toEqual(ids(causes));
    expect(linked).not.toContain(early?.spanContext().spanId);
  });

  it('links to at most 32 of them, the last ones', () => {
    const rig = new Rig({ policy: { trip: { consecutiveFailures: 50 } } });
    const calls = rig.calls(50, 'failure');
    expect(rig.spans('transition')[0]?.links.map(({ context }) => context.spanId)).toEqual(ids(calls.slice(-32)));
  });

  it('links to no call that was not sampled, and to sampled ones among many others', () => {
    const rig = new Rig({ policy: { trip: { consecutiveFailures: 60 } } });
    const unsampled = new Rig({ sampler: new AlwaysOffSampler() });
    const sampled = [rig.call('failure')];
    for (let call = 0; call < 58; call++) rig.call('failure', { span: unsampled.clientSpan() });
    sampled.push(rig.call('failure'));
    expect(rig.spans('transition')[0]?.links.map(({ context }) => context.spanId)).toEqual(ids(sampled));
  });

  it('links once to a caller whose span is about several calls, and to none without a span', () => {
    const rig = new Rig();
    const shared = rig.clientSpan();
    rig.call('failure', { span: undefined });
    rig.calls(2, 'failure', { span: shared });
    expect(rig.spans('transition')[0]?.links.map(({ context }) => context.spanId)).toEqual(ids([shared]));
  });

  it('links to the failures in the window, for failureRate', () => {
    const rig = new Rig({ policy: { trip: { failureRate: { threshold: '50%', window: { calls: 4 }, minCalls: 4 } } } });
    rig.call('failure');
    rig.calls(3, 'success');
    rig.call('success');
    const causes = rig.calls(2, 'failure');
    const [trip] = rig.spans('transition');
    expect(trip?.links.map(({ context }) => context.spanId)).toEqual(ids(causes));
    expect(trip?.attributes).toMatchObject({
      [`${P}reason`]: 'failure_rate',
      [`${P}verdict.failures`]: 2,
      [`${P}verdict.calls`]: 4,
      [`${P}verdict.rate`]: 0.5,
      [`${P}verdict.threshold`]: 0.5,
      [`${P}verdict.window.calls`]: 4,
      'error.type': 'UNAVAILABLE',
    });
  });

  it('links to the slow calls, for slowCallRate, whether they succeeded or not', () => {
    const slowCallRate = { slowerThan: '25ms', threshold: '100%', window: '10s', minCalls: 2 } as const;
    const rig = new Rig({ policy: { trip: { slowCallRate } } });
    const causes = [rig.call('success', { durationMs: 26 })];
    rig.call('ignored', { durationMs: 1000 });
    causes.push(rig.call('failure', { durationMs: 40 }));
    const [trip] = rig.spans('transition');
    expect(trip?.links.map(({ context }) => context.spanId)).toEqual(ids(causes));
    expect(trip?.attributes).toMatchObject({
      [`${P}reason`]: 'slow_call_rate',
      [`${P}verdict.slow`]: 2,
      [`${P}verdict.slower_than`]: 0.025,
      [`${P}verdict.window.duration`]: 10,
      'error.type': 'slow_call_rate',
    });
  });

  it('links to nothing from before the last change of state', () => {
    const rig = new Rig();
    rig.trip();
    rig.tryAgain('success');
    // Calls outside gRPC, whose spans nobody knows.
    for (let call = 0; call < 3; call++) rig.entry().breaker.tryAcquire()?.failure(1);
    expect(rig.spans('transition').at(-1)).toMatchObject({ links: [], attributes: { [`${P}reason`]: 'consecutive_failures' } });
  });

  it('has no links when a person tripped it', () => {
    const rig = new Rig();
    rig.calls(2, 'failure');
    rig.entry().breaker.trip('maintenance');
    const [trip] = rig.spans('transition');
    expect(trip?.links).toEqual([]);
    expect(trip?.attributes).toMatchObject({
      [`${P}reason`]: 'manual',
      [`${P}verdict.message`]: 'maintenance',
      'error.type': 'manual',
    });
  });

  it('gives no planned duration when nobody knows one', () => {
    const rig = new Rig();
    rig.entry().breaker.override('forcedOpen', { reason: 'incident' });
    const [trip] = rig.spans('transition');
    expect(trip?.attributes).toMatchObject({ [`${P}reason`]: 'forced', [`${P}verdict.message`]: 'incident' });
    expect(trip?.attributes).not.toHaveProperty(`${P}open.planned_duration`);
  });

  it('names no method or server where several share the breaker', () => {
    const rig = new Rig({ policy: { key: () => 'all' } });
    rig.trip();
    const { attributes = {} } = rig.spans('transition')[0] ?? {};
    expect(Object.keys(attributes).filter((name) => /^(rpc\.method|server\.)/.test(name))).toEqual([]);
  });
});

describe('the trace of an outage', () => {
  it('has everything until it closes below the trip, and only the trips in ERROR', () => {
    const rig = new Rig();
    rig.trip();
    const failedTrial = rig.tryAgain('failure');
    rig.tryAgain('success');
    const [trip, ...later] = rig.spans('transition');
    expect(
      [trip, ...later].map((span) => [
        span?.attributes[`${P}previous_state`],
        span?.attributes[`${P}state`],
        span?.attributes[`${P}reason`],
      ]),
    ).toEqual([
      ['closed', 'open', 'consecutive_failures'],
      ['open', 'half_open', 'open_period_over'],
      ['half_open', 'open', 'trial_failed'],
      ['open', 'half_open', 'open_period_over'],
      ['half_open', 'closed', 'trials_succeeded'],
    ]);
    for (const span of [...later, ...rig.spans('open')]) {
      expect(span.parentSpanContext?.spanId).toBe(trip?.spanContext().spanId);
      expect(span.spanContext().traceId).toBe(trip?.spanContext().traceId);
    }
    expect(later.map(({ status }) => status.code)).toEqual([0, 2, 0, 0]);
    expect(later[1]?.links.map(({ context }) => context.spanId)).toEqual(ids([failedTrial]));
    expect(later.map(({ attributes }) => 'error.type' in attributes)).toEqual([false, true, false, false]);
  });

  it('blames a failed trial, and not a late failure from before', () => {
    const rig = new Rig({ policy: { trials: 2 } });
    const late = rig.begin();
    rig.trip();
    rig.clock.advance(100_000);
    const trial = rig.begin();
    rig.end(late, 'failure', { span: rig.clientSpan() });
    const span = rig.clientSpan();
    rig.end(trial, 'failure', { span });
    const reopened = rig.spans('transition').at(-1);
    expect(reopened?.attributes[`${P}reason`]).toBe('trial_failed');
    expect(reopened?.links.map(({ context }) => context.spanId)).toEqual(ids([span]));
  });

  it('is another one for the next outage, and for another breaker', () => {
    const rig = new Rig();
    rig.trip();
    rig.tryAgain('success');
    rig.trip();
    rig.trip({ key: 'b' });
    const roots = rig.spans('transition').filter(({ parentSpanContext }) => parentSpanContext === undefined);
    expect(roots).toHaveLength(3);
    expect(new Set(roots.map((root) => root.spanContext().traceId)).size).toBe(3);
    expect(roots[1]?.links.map(({ context }) => context.traceId)).not.toContain(roots[0]?.spanContext().traceId);
  });

  it('goes on in a new trace after about 100 children, linked to the one before', () => {
    const rig = new Rig();
    rig.trip();
    for (let trial = 0; trial < 90; trial++) rig.tryAgain('failure');
    rig.tryAgain('success');
    const all = [...rig.spans('transition'), ...rig.spans('open')];
    const roots = all.filter(({ parentSpanContext }) => parentSpanContext === undefined);
    expect(roots.length).toBe(3);
    for (const root of roots) {
      expect(root.attributes[`${P}state`]).toBe('open');
      const children = all.filter(({ parentSpanContext }) => parentSpanContext?.spanId === root.spanContext().spanId);
      expect(children.length).toBeLessThanOrEqual(104);
      expect(children.length).toBeGreaterThan(50);
    }
    expect(roots[1]?.links.at(-1)?.context).toEqual(roots[0]?.spanContext());
    expect(roots[2]?.links.at(-1)?.context).toEqual(roots[1]?.spanContext());
  });

  it('keeps overlapping outages of many breakers apart', () => {
    const rig = new Rig();
    const keys = Array.from({ length: 20 }, (_, index) => `model-${index}`);
    for (const key of keys) rig.trip({ key });
    rig.clock.advance(6_000);
    for (const key of keys) rig.call('success', { key });
    for (const key of keys) {
      const own = rig.spans('transition').filter(({ attributes }) => attributes[`${P}name`] === key);
      expect(own).toHaveLength(3);
      expect(new Set(own.map((span) => span.spanContext().traceId)).size).toBe(1);
    }
  });
});

describe('the span of an open period', () => {
  it('lasts as long as the period, and counts what was refused and answered', () => {
    const rig = new Rig();
    rig.call('success');
    rig.fallBack('before');
    rig.trip();
    rig.calls(7, 'success');
    rig.fallBack('default');
    rig.fallBack('popular');
    expect(rig.spans('open')).toEqual([]);
    rig.tryAgain('failure');
    rig.calls(2, 'success');
    rig.tryAgain('success');
    expect(
      rig.spans('open').map(({ attributes }) => [attributes[`${P}rejected.count`], attributes[`${P}fallback.count`]]),
    ).toEqual([
      [7, 2],
      [2, 0],
    ]);
    expect(rig.spans('open')[0]?.attributes).toMatchObject({
      ...identity,
      [`${P}mode`]: 'enforce',
      [`${P}open.planned_duration`]: 5,
    });
  });

  it('begins with the trip and ends with it', () => {
    const rig = new Rig();
    rig.trip();
    rig.tryAgain('success');
    const [trip, halfOpen] = rig.spans('transition');
    const [period] = rig.spans('open');
    const ms = ([seconds, nanos]: [number, number] = [0, 0]) => seconds * 1e3 + nanos / 1e6;
    expect(Math.abs(ms(period?.startTime) - ms(trip?.startTime))).toBeLessThan(50);
    expect(Math.abs(ms(period?.endTime) - ms(halfOpen?.startTime))).toBeLessThan(50);
  });

  it('ends with dispose, and nothing comes after it', () => {
    const rig = new Rig();
    rig.trip();
    rig.calls(4, 'success');
    rig.trip({ key: 'b' });
    rig.telemetry.dispose();
    expect(rig.spans('open').map(({ attributes }) => attributes[`${P}rejected.count`])).toEqual([4, 0]);
    rig.tryAgain('success');
    rig.trip({ key: 'c' });
    expect(rig.spans('open')).toHaveLength(2);
    expect(rig.spans('transition')).toHaveLength(2);
    expect(rig.warnings).toEqual([]);
  });
});

describe('observing', () => {
  it('shows what enforcement would have done, marked as such', () => {
    const rig = new Rig({ policy: { mode: 'observe' } });
    rig.trip();
    const passed = rig.call('success');
    rig.calls(4, 'failure');
    rig.tryAgain('success');
    const transitions = rig.spans('transition');
    expect(transitions.map(({ attributes }) => attributes[`${P}state`])).toEqual(['open', 'half_open', 'closed']);
    expect(transitions.map(({ attributes }) => attributes[`${P}mode`])).toEqual(['observe', 'observe', 'observe']);
    expect(rig.spans('open')[0]?.attributes).toMatchObject({
      [`${P}mode`]: 'observe',
      [`${P}rejected.count`]: 0,
      [`${P}would_reject.count`]: 5,
    });
    // Nobody is refused: whoever looks for errors finds none.
    expect(transitions.map(({ status }) => status.code)).toEqual([
      SpanStatusCode.UNSET,
      SpanStatusCode.UNSET,
      SpanStatusCode.UNSET,
    ]);
    expect(rig.exported(passed).attributes).toEqual({
      [`${P}name`]: 'a',
      [`${P}state`]: 'open',
      [`${P}mode`]: 'observe',
      [`${P}would_reject`]: true,
      [`${P}reason`]: 'open',
    });
    expect(rig.exported(passed).links).toEqual([{ context: transitions[0]?.spanContext() }]);
  });
});
