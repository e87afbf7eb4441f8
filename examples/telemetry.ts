import { diag } from '@opentelemetry/api';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { alwaysSampleBreakers } from '../src/index.ts';

/** The port on which collectors take OTLP over gRPC; any other is taken for OTLP over HTTP. */
const OTLP_GRPC_PORT = '4317';
/** A collector that does not answer should not keep a program from ending. In milliseconds. */
const PATIENCE_MS = 3_000;

/** Where telemetry goes. OpenTelemetry's usual environment variables win over it. */
export interface TelemetryTargets {
  /** The name under which the program is shown. */
  readonly service: string;
  /** A collector for traces and metrics, such as Jaeger at `http://127.0.0.1:4317`. @default none */
  readonly otlp?: string;
  /** The port on loopback where Prometheus finds the metrics. @default none */
  readonly prometheusPort?: number;
  /** The share of calls that is traced, 0..1. Outages always are. @default 1 */
  readonly sampled?: number;
  /** gRPC calls get client spans. To be started before grpc-js is required. @default true */
  readonly traceCalls?: boolean;
}

/**
 * Sends traces and metrics: OTLP to Jaeger or any collector, and a page for Prometheus.
 * @returns sends what is left and ends it
 */
export function startTelemetry({
  service,
  otlp,
  prometheusPort,
  sampled = 1,
  traceCalls = true,
}: TelemetryTargets): () => Promise<void> {
  const exporters = [...(otlp === undefined ? [] : ['otlp']), ...(prometheusPort === undefined ? [] : ['prometheus'])];
  const settings = {
    OTEL_SERVICE_NAME: service,
    OTEL_TRACES_EXPORTER: otlp === undefined ? 'none' : 'otlp',
    OTEL_METRICS_EXPORTER: exporters.join(',') || 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp ?? '',
    OTEL_EXPORTER_OTLP_PROTOCOL: otlp !== undefined && new URL(otlp).port === OTLP_GRPC_PORT ? 'grpc' : 'http/protobuf',
    OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
    OTEL_EXPORTER_PROMETHEUS_PORT: String(prometheusPort ?? ''),
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    OTEL_METRIC_EXPORT_TIMEOUT: '1000',
    // Small and frequent: sending many spans at once would hold up the program.
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '64',
  };
  for (const [name, value] of Object.entries(settings)) if (value !== '') process.env[name] ??= value;
  complainOnce(otlp ?? 'the exporter');
  const sdk = new NodeSDK({
    sampler: alwaysSampleBreakers(new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampled) })),
    instrumentations: traceCalls ? [new GrpcInstrumentation()] : [],
    views: [{ meterName: 'grpc-breaker', aggregationCardinalityLimit: 50_000 }],
  });
  sdk.start();
  return () => withPatience(sdk.shutdown());
}

/** One sentence is enough for a collector that is not there; the SDK has several for each attempt. */
function complainOnce(whom: string): void {
  let said = false;
  const quiet = (): void => {};
  const error = (message: string): void => {
    if (!said) console.error(`${whom} does not take all telemetry: ${/"message":"([^"]*)"/.exec(message)?.[1] ?? message}`);
    said = true;
  };
  diag.setLogger({ error, warn: quiet, info: quiet, debug: quiet, verbose: quiet });
}

async function withPatience(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  await Promise.race([work.catch((error: Error) => diag.error(error.message)), patience]);
  clearTimeout(timer);
}
