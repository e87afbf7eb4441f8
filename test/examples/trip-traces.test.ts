import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, expect, it } from 'vitest';
import { styleFor } from '../../examples/demo/style.ts';
import { TripTraces, whereToLook } from '../../examples/demo/trip-traces.ts';
import { createBreakers, type Policy } from '../../src/index.ts';
import { connect } from '../grpc/helpers/attached.ts';
import { play } from '../grpc/helpers/play.ts';
import { Scripted } from '../grpc/helpers/scripted-service.ts';

afterEach(() => trace.disable());

it('takes down the trace of each trip, and where it is', async () => {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  const traces = new TripTraces();
  const policy: Policy = { methods: [{ trip: { consecutiveFailures: 2 }, openFor: '1h', backoff: { max: '1h' } }] };
  const breakers = createBreakers(policy, {
    services: [Scripted.service],
    telemetry: { tracerProvider: traces.provider },
  });
  const target = '127.0.0.1:1'; // nothing listens there
  const client = connect(target, breakers.clientOptions(target));
  for (let call = 0; call < 4; call++) await play(client, 'unary');
  breakers.dispose();

  const [trip] = exporter.getFinishedSpans();
  expect(traces.trips).toEqual([{ traceId: trip?.spanContext().traceId, reason: 'consecutive_failures' }]);
  const text = whereToLook(traces, 'http://127.0.0.1:4317', 'demo', styleFor(process.stdout));
  expect(text).toContain(`http://127.0.0.1:16686/trace/${trip?.spanContext().traceId}`);
  expect(text).toContain('16686/search?service=demo&operation=grpc_breaker.circuit_breaker.transition&tags=%7B%22error%22');
});
