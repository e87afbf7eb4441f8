import { AggregationTemporality, InMemoryMetricExporter, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOnSampler, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { alwaysSampleBreakers } from '../../../src/index.ts';

/** Starts an SDK as an application does, and keeps in memory what it would export. */
export function startTelemetry(instrumentations) {
  const spans = new InMemorySpanExporter();
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const sdk = new NodeSDK({
    autoDetectResources: false,
    instrumentations,
    sampler: alwaysSampleBreakers(new AlwaysOnSampler()),
    spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
    metricReaders: [new PeriodicExportingMetricReader({ exporter: metrics })],
    logRecordProcessors: [],
  });
  sdk.start();
  return { spans, metrics, sdk };
}
