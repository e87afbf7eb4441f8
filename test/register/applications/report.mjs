// Preloaded beside the applications, which do not know of it: writes down what there was when the process ends.
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const registered = globalThis[Symbol.for('grpc-breaker.registered')]?.breakers;
  const breakers = registered?.snapshot() ?? [];
  registered?.dispose(); // Ends the span of the open period.
  const spans = globalThis.telemetry?.spans.getFinishedSpans() ?? [];
  const report = {
    breakers: breakers.map(({ name, state, counts }) => ({ name, state, counts })),
    spans: spans.map(({ name, kind, attributes, links }, at) => ({
      name,
      kind,
      attributes,
      id: spans[at].spanContext().spanId,
      parent: spans[at].parentSpanContext?.spanId,
      links: links.map(({ context }) => context.spanId),
    })),
  };
  writeFileSync(process.env.REPORT, JSON.stringify(report));
});
