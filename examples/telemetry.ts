import { diag } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';

/** The port on which collectors take OTLP over gRPC; any other is taken for OTLP over HTTP. */
const OTLP_GRPC_PORT = '4317';
/** A collector that does not answer should not keep a program from ending. In milliseconds. */
const PATIENCE_MS = 3_000;

/**
 * Sends traces and metrics to a collector. To be called before breakers are made.
 * @param url - the collector, such as `http://127.0.0.1:4318`
 * @param service - the name under which the program is shown there
 * @returns sends what is left and ends it
 */
export function startTelemetry(url: string, service = 'grpc-breaker-demo'): () => Promise<void> {
  // NodeSDK is set up by OpenTelemetry's usual environment variables; what the user has set there wins.
  const settings = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: new URL(url).port === OTLP_GRPC_PORT ? 'grpc' : 'http/protobuf',
    OTEL_SERVICE_NAME: service,
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    OTEL_METRIC_EXPORT_TIMEOUT: '1000',
    // Small and frequent: sending many spans at once would hold up the program.
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '64',
  };
  for (const [name, value] of Object.entries(settings)) process.env[name] ??= value;
  complainOnce(url);
  const sdk = new NodeSDK({ instrumentations: [] });
  sdk.start();
  return () => withPatience(sdk.shutdown());
}

/** One sentence is enough for a collector that is not there; the SDK has several for each attempt. */
function complainOnce(url: string): void {
  let said = false;
  const quiet = (): void => {};
  const error = (message: string): void => {
    if (!said) console.error(`${url} does not take all telemetry: ${/"message":"([^"]*)"/.exec(message)?.[1] ?? message}`);
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
