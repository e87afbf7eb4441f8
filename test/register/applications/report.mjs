// Preloaded beside the applications, which do not know of it: writes down what there was when the process ends.
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const breakers = globalThis[Symbol.for('grpc-breaker.registered')]?.breakers?.snapshot() ?? [];
  const spans = globalThis.telemetry?.spans.getFinishedSpans() ?? [];
  const report = {
    breakers: breakers.map(({ name, state, calls }) => ({ name, state, calls })),
    spans: spans.map(({ name, kind, attributes, links, spanContext }, at) => ({
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
