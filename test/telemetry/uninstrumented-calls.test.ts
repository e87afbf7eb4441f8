import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { createBreakers } from '../../src/create-breakers.ts';
import { echoClient, SilentPort, say } from './harness/echo.ts';
import { GlobalSdk } from './harness/global-sdk.ts';
import { P } from './harness/names.ts';

it("without an instrumentation of gRPC, links go to the callers' own spans, which stay as they are", async () => {
  const sdk = new GlobalSdk();
  const port = await SilentPort.open();
  await port.close();
  const breakers = createBreakers({ methods: [{ trip: { consecutiveFailures: 4 }, key: ['method', 'metadata.group'] }] });
  const client = echoClient(port.target, breakers.clientOptions(port.target));
  const tracer = trace.getTracer('app');
  const calls = Array.from({ length: 40 }, (_, index) => {
    const group = `group-${index % 10}`;
    return tracer.startActiveSpan('handler', { kind: SpanKind.SERVER, attributes: { group } }, ROOT_CONTEXT, async (span) => {
      await say(client, {}, { group });
      span.end();
    });
  });
  await Promise.all(calls);
  const handlers = sdk.exporter.getFinishedSpans().filter(({ name }) => name === 'handler');
  expect(sdk.spans('transition')).toHaveLength(10);
  for (const trip of sdk.spans('transition')) {
    const linked = trip.links.map(({ context }) => handlers.find((span) => span.spanContext().spanId === context.spanId));
    expect(linked).toHaveLength(4);
    for (const span of linked) expect(`test.Echo/Say[${String(span?.attributes['group'])}]`).toBe(trip.attributes[`${P}name`]);
  }
  for (const span of handlers) {
    expect(Object.keys(span.attributes)).toEqual(['group']);
    expect(span.links).toEqual([]);
  }
  client.close();
  await sdk.stop();
});
