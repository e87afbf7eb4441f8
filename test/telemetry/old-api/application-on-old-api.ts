import { INVALID_SPAN_CONTEXT, type Meter, metrics, trace } from 'otel-api-19';
import { Rig } from '../harness/rig.ts';

// An application that is on the oldest API as a whole, with an SDK of its own that only notes what it is asked for; prints that.
const spans: string[] = [];
const instruments: string[] = [];
trace.setGlobalTracerProvider({
  getTracer: () => ({
    startSpan: (name) => {
      spans.push(name);
      return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    },
    startActiveSpan: () => undefined as never,
  }),
});
const note = (name: string) => {
  instruments.push(name);
  return { addCallback: () => {}, removeCallback: () => {}, record: () => {}, add: () => {} };
};
const meter = {
  createHistogram: note,
  createObservableGauge: note,
  createCounter: note,
  createUpDownCounter: note,
  addBatchObservableCallback: () => {},
  removeBatchObservableCallback: () => {},
} as unknown as Meter;
const rig = new Rig({ telemetry: {} });
metrics.setGlobalMeterProvider({ getMeter: () => meter });
rig.trip();
rig.tryAgain('success');
rig.telemetry.dispose();
process.stdout.write(JSON.stringify({ warnings: rig.warnings, spans, instruments }));
