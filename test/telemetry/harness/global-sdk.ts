import { context, logs, metrics, propagation, trace } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { TestMetricReader } from './metric-reader.ts';
import { P } from './names.ts';

/** A NodeSDK as applications start it, registered globally, that keeps everything in memory. */
export class GlobalSdk {
  readonly exporter = new InMemorySpanExporter();
  readonly logs = new InMemoryLogRecordExporter();
  readonly reader = new TestMetricReader();
  readonly #sdk: NodeSDK;

  constructor({ instrumentations = [], sampler }: Pick<Partial<NodeSDKConfiguration>, 'instrumentations' | 'sampler'> = {}) {
    this.#sdk = new NodeSDK({
      autoDetectResources: false,
      instrumentations,
      spanProcessors: [new SimpleSpanProcessor({ exporter: this.exporter })],
      logRecordProcessors: [new SimpleLogRecordProcessor({ exporter: this.logs })],
      metricReaders: [this.reader],
      ...(sampler === undefined ? {} : { sampler }),
    });
    this.#sdk.start();
  }

  /** The package's spans so far. */
  spans(name: 'transition' | 'open'): ReadableSpan[] {
    return this.exporter.getFinishedSpans().filter((span) => span.name === P + name);
  }

  /** Shuts it down, and leaves the process as if none had been there. */
  async stop(): Promise<void> {
    await this.#sdk.shutdown();
    for (const api of [trace, metrics, logs, context, propagation]) api.disable();
  }
}
