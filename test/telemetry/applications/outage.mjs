import { SpanKind, trace } from '@opentelemetry/api';

const P = 'grpc_breaker.circuit_breaker.';
const UNAVAILABLE = 14;

/**
 * An outage as an application meets it: a call goes well, three fail and a fifth is refused. Prints what the SDK got of it.
 * @param telemetry - the SDK and what it exports, or starts it; undefined without any
 */
export async function outage(createBreakers, makeClient, telemetry) {
  const target = process.env.TARGET;
  const warnings = [];
  const policy = { methods: [{ trip: { consecutiveFailures: 3 }, openFor: '1m' }] };
  const breakers = createBreakers(policy, { onWarning: (message) => warnings.push(message) });
  const client = makeClient(target, breakers.clientOptions(target));
  const started = typeof telemetry === 'function' ? telemetry() : telemetry;
  const codes = [];
  for (const code of [undefined, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, undefined]) codes.push(await call(client, { code }));
  client.close();
  breakers.dispose();
  const traced = started === undefined ? {} : spanReport(started.spans);
  await started?.sdk.shutdown();
  const counted = started === undefined ? {} : { calls: callReport(started.metrics) };
  process.stdout.write(JSON.stringify({ codes, warnings, ...traced, ...counted }));
}

/** A call within a span of the application's own. */
function call(client, request) {
  return trace.getTracer('application').startActiveSpan('tick', (span) => {
    return new Promise((resolve) => {
      client.Say(request, (error) => {
        span.end();
        resolve(error?.code ?? 0);
      });
    });
  });
}

function spanReport(exporter) {
  const all = exporter.getFinishedSpans();
  const trip = all.find(({ name }) => name === `${P}transition`);
  const byId = new Map(all.map((span) => [span.spanContext().spanId, span]));
  const linked = trip?.links.map(({ context }) => byId.get(context.spanId));
  const written = all.filter((span) => !span.name.startsWith(P) && span.attributes[`${P}name`] !== undefined);
  return {
    clientSpans: all.filter(({ kind }) => kind === SpanKind.CLIENT).length,
    linkedTo: linked?.map((span) => span?.name),
    areDistinct: new Set(linked).size === linked?.length,
    // In the order in which they ended: whether it was refused, and whether it has a link to the trip.
    written: written.map(({ name, attributes, links }) => [
      name,
      attributes[`${P}rejected`] === true,
      links.some(({ context }) => context.spanId === trip?.spanContext().spanId),
    ]),
    open: all.filter(({ name }) => name === `${P}open`).length,
  };
}

function callReport(exporter) {
  const all =
    exporter
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? [];
  const points = all.find(({ descriptor }) => descriptor.name === `${P}calls`)?.dataPoints ?? [];
  return Object.fromEntries(points.map(({ attributes, value }) => [attributes[`${P}outcome`], value]));
}
