import { status } from '@grpc/grpc-js';
import { context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Breakers, BreakersOptions } from '../../src/breakers.ts';
import { createBreakers } from '../../src/create-breakers.ts';
import type { MethodPolicyOptions } from '../../src/policy/policy.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { ECHO, type EchoClient, type EchoResult, EchoServer, echoClient, repeat, SilentPort, say } from './harness/echo.ts';
import { GlobalSdk } from './harness/global-sdk.ts';
import { P } from './harness/names.ts';

const { DEADLINE_EXCEEDED, UNAVAILABLE } = status;

let sdk: GlobalSdk;
let server: EchoServer;
let breakers: Breakers;
const clients: EchoClient[] = [];

function protectedClient(target: string, policy: MethodPolicyOptions, options: BreakersOptions = {}): EchoClient {
  const name = [{ service: 'test.Echo' }];
  breakers = createBreakers(
    { methods: [{ name, trip: { consecutiveFailures: 3 }, openFor: '1m', ...policy }] },
    { services: [ECHO], ...options },
  );
  const client = echoClient(target, breakers.clientOptions(target));
  clients.push(client);
  return client;
}

/** The client spans of calls, in the order in which the calls began. */
function clientSpans(): ReadableSpan[] {
  const spans = sdk.exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CLIENT);
  return spans.toSorted((one, other) => one.startTime[0] - other.startTime[0] || one.startTime[1] - other.startTime[1]);
}

const spanId = (span: ReadableSpan | Span | undefined) => span?.spanContext().spanId;
const linkIds = (span: ReadableSpan | undefined) => span?.links.map(({ context: linked }) => linked.spanId);

beforeAll(async () => {
  // Once: the instrumentation patches a module when it is first required.
  sdk = new GlobalSdk({ instrumentations: [new GrpcInstrumentation()] });
  server = await EchoServer.start();
});
afterAll(async () => {
  server.stop();
  await sdk.stop();
});
beforeEach(() => sdk.exporter.reset());
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

describe('with instrumentation-grpc', () => {
  it.each([
    ['unary', 'Say', say],
    ['server-streaming', 'Repeat', repeat],
  ])('a trip links to the client spans of the %s calls that failed', async (_type, method, call) => {
    const client = protectedClient(server.target, {});
    await call(client, { text: 'fine' });
    for (let failure = 0; failure < 3; failure++) await call(client, { code: UNAVAILABLE });
    const rejected = await call(client, { text: 'refused' });
    expect(rejected.code).toBe(UNAVAILABLE);

    const [fine, first, second, tripping, refused] = clientSpans();
    const [trip] = sdk.spans('transition');
    expect(linkIds(trip)).toEqual([first, second, tripping].map(spanId));
    expect([first, second, tripping].map((span) => span?.status.code)).toEqual([2, 2, 2].map(() => SpanStatusCode.ERROR));
    expect(trip?.attributes['error.type']).toBe('UNAVAILABLE');

    const name = `${server.target}/test.Echo/${method}`;
    expect(refused?.attributes).toMatchObject({ [`${P}name`]: name, [`${P}state`]: 'open', [`${P}rejected`]: true });
    expect(linkIds(refused)).toEqual([spanId(trip)]);
    expect(tripping?.attributes).toMatchObject({ [`${P}name`]: name, [`${P}state`]: 'open' });
    expect(tripping?.attributes).not.toHaveProperty(`${P}rejected`);
    expect(linkIds(tripping)).toEqual([spanId(trip)]);
    for (const span of [fine, first, second]) expect(span?.attributes).not.toHaveProperty(`${P}name`);
  });

  it('a trip by slow calls links to those, though they succeeded', async () => {
    const slowCallRate = { slowerThan: '40ms', threshold: '50%', window: { calls: 4 }, minCalls: 4 } as const;
    const client = protectedClient(server.target, { trip: { slowCallRate } });
    for (const delayMs of [0, 60, 0, 60]) expect((await say(client, { text: 'yes', delayMs })).texts).toEqual(['yes']);
    const [, slow, , slowToo] = clientSpans();
    const [trip] = sdk.spans('transition');
    expect(trip?.attributes[`${P}reason`]).toBe('slow_call_rate');
    expect(linkIds(trip)).toEqual([slow, slowToo].map(spanId));
  });

  it('a trip by calls that hang comes before any has ended, links to them, and is told on the one that brought it about', async () => {
    const slowCallRate = { slowerThan: '30ms', threshold: '100%', window: { calls: 3 }, minCalls: 3 } as const;
    const client = protectedClient(server.target, { trip: { slowCallRate } });
    const calls = [0, 1, 2].map(() => say(client, { text: 'late', delayMs: 400 }));
    for (const { texts } of await Promise.all(calls)) expect(texts).toEqual(['late']);
    const hung = clientSpans();
    const [trip] = sdk.spans('transition');
    expect(new Set(linkIds(trip))).toEqual(new Set(hung.map(spanId)));
    expect(trip?.attributes).toMatchObject({ [`${P}verdict.slow`]: 3, 'error.type': 'slow_call_rate' });
    expect(trip?.attributes[`${P}verdict.evidence.codes`]).toEqual([]);
    for (const { duration, startTime } of hung) {
      const endedMs = startTime[0] * 1e3 + startTime[1] / 1e6 + duration[0] * 1e3 + duration[1] / 1e6;
      const [seconds = 0, nanos = 0] = trip?.startTime ?? [];
      expect(seconds * 1e3 + nanos / 1e6).toBeLessThan(endedMs - 100);
    }
    const told = hung.filter((span) => linkIds(span)?.includes(spanId(trip) ?? ''));
    expect(told.map(spanId)).toEqual([linkIds(trip)?.at(-1)]);
    expect(told[0]?.attributes[`${P}state`]).toBe('open');
  });

  it('a call that a fallback answered says so, whether it failed or was rejected', async () => {
    const sources = [{ name: 'spare', function: () => ({ text: 'spare' }) }];
    const policy = {
      trip: { consecutiveFailures: 2 },
      fallback: { on: ['rejected', 'failed'], sources },
    } satisfies MethodPolicyOptions;
    const client = protectedClient(server.target, policy);
    const results = [await say(client, { code: UNAVAILABLE }), await say(client, { code: UNAVAILABLE }), await say(client)];
    expect(results.map(({ texts }) => texts)).toEqual([['spare'], ['spare'], ['spare']]);
    const annotations = clientSpans().map(({ attributes }) =>
      [`state`, 'rejected', 'fallback.source'].map((key) => attributes[P + key]),
    );
    expect(annotations).toEqual([
      ['closed', undefined, 'spare'],
      ['open', undefined, 'spare'],
      ['open', true, 'spare'],
    ]);
    breakers.dispose();
    expect(sdk.spans('open')[0]?.attributes).toMatchObject({ [`${P}rejected.count`]: 1, [`${P}fallback.count`]: 2 });
  });

  it.each(['connecting', 'dead'] as const)(
    '100 calls at once on a %s channel: each link and annotation is on the right span',
    async (kind) => {
      const port = await SilentPort.open();
      if (kind === 'dead') await port.close();
      const GROUPS = 25;
      const PER_GROUP = 4;
      const policy: MethodPolicyOptions = { trip: { consecutiveFailures: PER_GROUP }, key: ['method', 'metadata.group'] };
      // A clock that stands: a hundred deadlines at once on a busy machine would else be this process's own stall.
      const client = protectedClient(port.target, policy, { clock: new ManualClock() });
      const tracer = trace.getTracer('app');
      const groupOf = new Map<string | undefined, string>();
      const call = (group: string): Promise<EchoResult> => {
        const parent = tracer.startSpan('tick', {}, ROOT_CONTEXT);
        groupOf.set(spanId(parent), group);
        const deadline = Date.now() + (kind === 'dead' ? 5_000 : 300);
        return context
          .with(trace.setSpan(ROOT_CONTEXT, parent), () => say(client, {}, { group, deadline }))
          .finally(() => parent.end());
      };
      // Group after group, so that the callers of one group do not follow each other in the queue.
      const wave = (prefix: string, size: number) =>
        Promise.all(Array.from({ length: size }, (_, index) => call(`${prefix}-${index % GROUPS}`)));

      const failed = await wave('group', GROUPS * PER_GROUP);
      expect(new Set(failed.map(({ code }) => code))).toEqual(new Set([kind === 'dead' ? UNAVAILABLE : DEADLINE_EXCEEDED]));
      const spans = clientSpans();
      expect(spans).toHaveLength(GROUPS * PER_GROUP);
      const callersGroup = (span: ReadableSpan | undefined) => groupOf.get(span?.parentSpanContext?.spanId);
      const bySpanId = new Map(spans.map((span) => [spanId(span), span]));
      const trips = sdk.spans('transition');
      expect(trips).toHaveLength(GROUPS);
      for (const trip of trips) {
        const group = /\[(.*)\]$/.exec(String(trip.attributes[`${P}name`]))?.[1];
        const linked = linkIds(trip)?.map((id) => bySpanId.get(id)) ?? [];
        expect(new Set(linked).size).toBe(PER_GROUP);
        expect(linked.map(callersGroup)).toEqual(linked.map(() => group));
        const annotated = spans.filter(({ attributes }) => attributes[`${P}name`] === trip.attributes[`${P}name`]);
        expect(annotated.map(callersGroup)).toEqual([group]);
        expect(linkIds(annotated[0])).toEqual([spanId(trip)]);
      }

      sdk.exporter.reset();
      await wave('group', GROUPS);
      for (const span of clientSpans()) {
        const trip = trips.find(({ attributes }) => attributes[`${P}name`] === span.attributes[`${P}name`]);
        expect(span.attributes).toMatchObject({ [`${P}name`]: `test.Echo/Say[${callersGroup(span)}]`, [`${P}rejected`]: true });
        expect(linkIds(span)).toEqual([spanId(trip)]);
      }
      if (kind !== 'dead') await port.close();
    },
  );
});
