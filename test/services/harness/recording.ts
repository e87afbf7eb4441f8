import { createRequire } from 'node:module';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';

/** Spans of this process, kept in memory: those of the gRPC instrumentation and those of the package. */
export interface Recording {
  /** The ended spans since the last `clear`. */
  spans(): ReadableSpan[];
  /** Forgets them. */
  clear(): void;
  /** Ends the recording. */
  stop(): Promise<void>;
}

/** Only what a test sets up is exported, whatever the environment says. */
const QUIET = { OTEL_LOGS_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' };

/**
 * Traces this process's gRPC calls, as an application does it. Client classes are to be made after it.
 * @param configuration - of the SDK
 * @param environment - what the SDK reads from the environment
 */
export function startSdk(
  configuration: ConstructorParameters<typeof NodeSDK>[0],
  environment: Readonly<Record<string, string>> = {},
): NodeSDK {
  Object.assign(process.env, QUIET, environment);
  const sdk = new NodeSDK({ ...configuration, autoDetectResources: false, instrumentations: [new GrpcInstrumentation()] });
  sdk.start();
  // The instrumentation patches what CommonJS loads; the module is one and the same for both.
  createRequire(import.meta.url)('@grpc/grpc-js');
  return sdk;
}

/** Traces this process's gRPC calls into memory. */
export function startRecording(): Recording {
  const exporter = new InMemorySpanExporter();
  const sdk = startSdk({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  return {
    spans: () => exporter.getFinishedSpans(),
    clear: () => exporter.reset(),
    stop: () => sdk.shutdown(),
  };
}
