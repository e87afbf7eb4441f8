import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceAvailable } from './harness/availability.ts';
import { type MetricPoint, MetricPoints } from './harness/metric-points.ts';
import { Mlserver } from './harness/mlserver.ts';
import { goThrough, OUTAGES, type OutageReport } from './harness/outage.ts';
import { DEADLINE_MS, FAILURES_TO_TRIP, MODEL_INFER, type ProtectedClient, protect } from './harness/protected-client.ts';
import { type Recording, startRecording } from './harness/recording.ts';
import { P, reasonName, STATE_NAMES } from './harness/telemetry-names.ts';

describe.skipIf(!serviceAvailable('mlserver'))('an outage of MLServer', () => {
  let server: Mlserver;
  let recording: Recording;

  beforeAll(async () => {
    recording = startRecording();
    server = await Mlserver.start();
  });
  afterAll(async () => {
    await server?.stop();
    await recording?.stop();
  });

  describe.each(OUTAGES)('$name', (outage) => {
    const points = new MetricPoints();
    let client: ProtectedClient;
    let report: OutageReport;
    let breakerName: string;
    let statusWhileOpen: MetricPoint[];

    /** The series of a metric that belong to the breaker that tripped. */
    const series = async (metric: string): Promise<MetricPoint[]> =>
      (await points.read(P + metric)).filter(({ attributes }) => attributes[`${P}name`] === breakerName);
    const spansCalled = (name: string): ReadableSpan[] =>
      recording.spans().filter((span) => span.name === P + name && span.attributes[`${P}name`] === breakerName);

    beforeAll(async () => {
      recording.clear();
      client = protect(server.target, {
        telemetry: { tracerProvider: trace.getTracerProvider(), meterProvider: new MeterProvider({ readers: [points] }) },
      });
      breakerName = `${server.target}/${MODEL_INFER}[${outage.model}]`;
      let reading: Promise<MetricPoint[]> | undefined;
      client.breakers.subscribe((event) => {
        if (event.type === 'transition' && event.to === 'open') reading ??= series('status');
      });
      report = await goThrough(outage, server, client);
      statusWhileOpen = (await reading) ?? [];
    });
    afterAll(() => client?.close());

    it('costs callers a few errors, and then neither errors nor time', () => {
      expect(report.errors.map(({ error }) => error?.code)).toEqual(report.errors.map(() => outage.code));
      expect(report.errors.length).toBeLessThan(report.fallbacks.length);
      expect(Math.max(...report.fallbacks.map(({ durationMs }) => durationMs))).toBeLessThan(DEADLINE_MS / 2);
    });

    it('trips, tries again and closes', () => {
      const path = client.transitions.map(({ to, verdict }) => `${to}: ${verdict.reason}`);
      expect(path.slice(0, 3)).toEqual(['open: consecutiveFailures', 'halfOpen: openPeriodOver', 'open: trialFailed']);
      expect(path.slice(-2)).toEqual(['halfOpen: openPeriodOver', 'closed: trialsSucceeded']);
    });

    it('is the business of one breaker', () => {
      expect(new Set(client.transitions.map(({ breaker }) => breaker))).toEqual(new Set([breakerName]));
      const others = client.breakers.snapshot().filter(({ name }) => name !== breakerName);
      expect(others.map(({ state, counts }) => [state, counts.failure])).toEqual([['closed', 0]]);
    });

    it('is explained by a span with links to the calls that failed', () => {
      const [trip] = spansCalled('transition');
      expect(trip?.parentSpanContext).toBeUndefined();
      expect(trip?.status.code).toBe(SpanStatusCode.ERROR);
      expect(trip?.attributes).toMatchObject({
        [`${P}state`]: 'open',
        [`${P}previous_state`]: 'closed',
        [`${P}reason`]: reasonName('consecutiveFailures'),
        'rpc.method': MODEL_INFER,
        'server.address': '127.0.0.1',
        'server.port': Number(server.target.split(':')[1]),
      });
      expect(trip?.links).toHaveLength(FAILURES_TO_TRIP);
      const linked = (trip?.links ?? []).map(({ context }) =>
        recording
          .spans()
          .find((span) => span.spanContext().spanId === context.spanId && span.spanContext().traceId === context.traceId),
      );
      expect(linked.map((span) => span?.kind)).toEqual(linked.map(() => SpanKind.CLIENT));
      expect(linked.map((span) => span?.status.code)).toEqual(linked.map(() => SpanStatusCode.ERROR));
      expect(linked.map((span) => span?.attributes['rpc.grpc.status_code'])).toEqual(linked.map(() => outage.code));
      expect(new Set(linked).size).toBe(FAILURES_TO_TRIP);
    });

    it('is told on the spans of the callers that were spared', () => {
      const [trip] = spansCalled('transition');
      const marked = recording.spans().filter((span) => span.attributes[`${P}rejected`] === true);
      expect(marked).toHaveLength(report.fallbacks.length);
      for (const span of marked) {
        expect(span.kind).toBe(SpanKind.CLIENT);
        expect(span.status.code).not.toBe(SpanStatusCode.ERROR);
        expect(span.attributes).toMatchObject({ [`${P}name`]: breakerName, [`${P}fallback.source`]: 'unknown-species' });
        expect(span.links.map(({ context }) => context)).toEqual([trip?.spanContext()]);
      }
    });

    it('is one trace', () => {
      const [trip, ...later] = spansCalled('transition');
      const states = [trip, ...later].map((span) => [span?.attributes[`${P}previous_state`], span?.attributes[`${P}state`]]);
      expect(states).toEqual(client.transitions.map(({ from, to }) => [STATE_NAMES[from], STATE_NAMES[to]]));
      const periods = spansCalled('open');
      expect(periods).toHaveLength(client.transitions.filter(({ from }) => from === 'open').length);
      for (const span of [...later, ...periods]) expect(span.parentSpanContext).toEqual(trip?.spanContext());
      const rejected = periods.reduce((sum, span) => sum + Number(span.attributes[`${P}rejected.count`]), 0);
      expect(rejected).toBe(client.breakerOf(outage.model).snapshot().counts.rejected.open);
    });

    it('is counted', async () => {
      const { success, failure, ignored, rejected } = client.breakerOf(outage.model).snapshot().counts;
      const byOutcome = (await series('calls')).map(({ attributes, value }) => [attributes[`${P}outcome`], value]);
      expect(Object.fromEntries(byOutcome)).toMatchObject({
        success,
        failure,
        rejected: rejected.open + rejected.halfOpen + rejected.forced,
        ...(ignored === 0 ? {} : { ignored }),
      });
      expect(success).toBe(report.predictions);
      expect(failure + ignored).toBe(report.errors.length);
      const fallbacks = (await series('fallbacks')).map(({ attributes, value }) => [attributes[`${P}fallback.source`], value]);
      expect(fallbacks).toEqual([['unknown-species', report.fallbacks.length]]);
    });

    it('has its transitions counted by their reason', async () => {
      const expected = new Map<string, number>();
      for (const { from, to, verdict } of client.transitions) {
        const key = [STATE_NAMES[from], STATE_NAMES[to], reasonName(verdict.reason)].join();
        expected.set(key, (expected.get(key) ?? 0) + 1);
      }
      const counted = (await series('transitions')).filter(({ value }) => value > 0);
      const key = ({ attributes }: MetricPoint): string =>
        ['previous_state', 'state', 'reason'].map((name) => attributes[P + name]).join();
      expect(new Map(counted.map((point) => [key(point), point.value]))).toEqual(expected);
    });

    it('shows in the status while it lasts', async () => {
      const byState = (status: MetricPoint[]): object =>
        Object.fromEntries(status.map(({ attributes, value }) => [attributes[`${P}state`], value]));
      expect(byState(statusWhileOpen)).toEqual({ closed: 0, open: 1, half_open: 0 });
      expect(byState(await series('status'))).toEqual({ closed: 1, open: 0, half_open: 0 });
    });

    it('has its open periods timed', async () => {
      const periods = client.transitions.filter(({ from }) => from === 'open');
      const [durations] = await series('open.duration');
      expect(durations?.value).toBe(periods.length);
      expect(durations?.sum).toBeCloseTo(
        periods.reduce((sum, { lastedMs }) => sum + lastedMs / 1000, 0),
        1,
      );
    });
  });
});
