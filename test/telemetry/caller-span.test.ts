import { ROOT_CONTEXT, type Span, type SpanContext, SpanKind } from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace';
import { describe, expect, it, vi } from 'vitest';
import { P } from './harness/names.ts';
import { Rig } from './harness/rig.ts';

describe("the caller's client span", () => {
  it('tells that its call tripped the breaker, and those of the earlier ones do not', () => {
    const rig = new Rig();
    const [first, second, third] = rig.calls(3, 'failure');
    const [trip] = rig.spans('transition');
    expect(rig.exported(third).attributes).toEqual({ [`${P}name`]: 'a', [`${P}state`]: 'open' });
    expect(rig.exported(third).links).toEqual([{ context: trip?.spanContext() }]);
    for (const span of [first, second]) {
      expect(rig.exported(span).attributes).toEqual({});
      expect(rig.exported(span).links).toEqual([]);
    }
  });

  it('tells that its call was rejected, with a link to the trip', () => {
    const rig = new Rig();
    rig.trip();
    const rejected = rig.call('success');
    expect(rig.exported(rejected).attributes).toEqual({
      [`${P}name`]: 'a',
      [`${P}state`]: 'open',
      [`${P}rejected`]: true,
      [`${P}reason`]: 'open',
    });
    expect(rig.exported(rejected).links).toEqual([{ context: rig.spans('transition')[0]?.spanContext() }]);
  });

  it('links to the root of the outage also from a later open period, and from half-open', () => {
    const rig = new Rig({ policy: { trials: 1 } });
    rig.trip();
    const retripping = rig.tryAgain('failure');
    const rejected = rig.call('success');
    rig.clock.advance(100_000);
    rig.begin();
    const beside = rig.call('success');
    const [trip, , reopened] = rig.spans('transition');
    expect(rig.exported(retripping).links).toEqual([{ context: reopened?.spanContext() }]);
    expect(rig.exported(rejected).links).toEqual([{ context: trip?.spanContext() }]);
    expect(rig.exported(beside).attributes).toMatchObject({
      [`${P}state`]: 'half_open',
      [`${P}rejected`]: true,
      [`${P}reason`]: 'half_open',
    });
    expect(rig.exported(beside).links).toEqual([{ context: trip?.spanContext() }]);
  });

  it('names the source of a fallback', () => {
    const rig = new Rig();
    rig.trip();
    const span = rig.clientSpan();
    rig.call('success', { span });
    rig.fallBack('popular', span);
    span.end();
    expect(rig.exported(span).attributes).toEqual({
      [`${P}name`]: 'a',
      [`${P}state`]: 'open',
      [`${P}rejected`]: true,
      [`${P}reason`]: 'open',
      [`${P}fallback.source`]: 'popular',
      [`${P}fallback.reason`]: 'rejected',
    });
  });

  it('says how old a stored answer was', () => {
    const rig = new Rig();
    const span = rig.clientSpan();
    rig.fallBack('lastGood', span, undefined, 1_500);
    span.end();
    expect(rig.exported(span).attributes).toMatchObject({ [`${P}fallback.source`]: 'lastGood', [`${P}fallback.age`]: 1.5 });
  });

  it('tells it also where a success made the share of failures judged', () => {
    const rig = new Rig({ policy: { trip: { failureRate: { threshold: '50%', window: { calls: 4 }, minCalls: 4 } } } });
    const failed = rig.calls(3, 'failure');
    const last = rig.call('success');
    expect(rig.exported(last).attributes).toEqual({ [`${P}name`]: 'a', [`${P}state`]: 'open' });
    for (const span of failed) expect(rig.exported(span).attributes).toEqual({});
  });

  it.each([SpanKind.INTERNAL, SpanKind.SERVER])("leaves the user's own span of kind %s alone", (kind) => {
    const rig = new Rig();
    const own = rig.tracerProvider.getTracer('app').startSpan('handler', { kind }, ROOT_CONTEXT);
    rig.trip({ span: own });
    rig.call('success', { span: own });
    rig.fallBack('default', own);
    own.end();
    expect(rig.exported(own).attributes).toEqual({});
    expect(rig.exported(own).links).toEqual([]);
    expect(rig.spans('transition')[0]?.links.map(({ context }) => context)).toEqual([own.spanContext()]);
  });

  it('is left alone once it has ended', () => {
    const rig = new Rig();
    rig.trip();
    const span = rig.clientSpan();
    const writes = [vi.spyOn(span, 'setAttributes'), vi.spyOn(span, 'addLink')];
    span.end();
    rig.call('success', { span });
    rig.fallBack('default', span);
    for (const write of writes) expect(write).not.toHaveBeenCalled();
  });

  it('is not blamed for what a person or the time did', () => {
    const rig = new Rig({ policy: { lease: '1s' } });
    const span = rig.clientSpan();
    rig.call('failure', { span });
    rig.entry().breaker.trip('maintenance');
    rig.clock.advance(100_000);
    rig.begin();
    rig.clock.advance(1_000);
    rig.entry().breaker.snapshot();
    expect(rig.spans('transition').at(-1)?.attributes[`${P}reason`]).toBe('trial_expired');
    span.end();
    expect(rig.exported(span).attributes).toEqual({});
  });

  it('is not blamed for a trip of another breaker', () => {
    const rig = new Rig();
    rig.calls(2, 'failure', { key: 'b' });
    const span = rig.clientSpan();
    rig.call('failure', { span });
    rig.entry('b').breaker.tryAcquire()?.failure(1);
    expect(rig.spans('transition').map(({ attributes }) => attributes[`${P}name`])).toEqual(['b']);
    span.end();
    expect(rig.exported(span).attributes).toEqual({});
  });

  it('gets no link to a trip that was not sampled, nor where its API has no addLink', () => {
    const rig = new Rig({ telemetry: { tracerProvider: new Rig({ sampler: new AlwaysOffSampler() }).tracerProvider } });
    rig.trip();
    expect(rig.exported(rig.call('success')).links).toEqual([]);

    const other = new Rig();
    other.trip();
    const old = other.clientSpan();
    Object.defineProperty(old, 'addLink', { value: undefined });
    other.call('success', { span: old });
    old.end();
    expect(other.exported(old).attributes).toMatchObject({ [`${P}rejected`]: true });
  });

  it('of another SDK, which does not tell its kind, is left alone', () => {
    const rig = new Rig();
    const written: string[] = [];
    const foreign = {
      spanContext: (): SpanContext => ({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }),
      isRecording: () => true,
      setAttributes: () => written.push('attributes'),
      addLink: () => written.push('link'),
    } as unknown as Span;
    rig.trip({ span: foreign });
    rig.call('success', { span: foreign });
    expect(written).toEqual([]);
    expect(rig.spans('transition')[0]?.links).toHaveLength(1);
  });
});
