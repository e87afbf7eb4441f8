import { createServer } from 'node:net';
import { context, logs, metrics, propagation, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';

/** One line of the text that Prometheus scrapes. */
export interface ScrapedSeries {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The line without its value. */
  readonly id: string;
  readonly value: number;
}

const LINE = /^(?<metric>[a-zA-Z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** A NodeSDK that exports to Prometheus as users set it up: by the environment. */
export class PrometheusSdk {
  readonly #sdk: NodeSDK;
  readonly #url: string;

  private constructor(sdk: NodeSDK, url: string) {
    this.#sdk = sdk;
    this.#url = url;
  }

  static async start(): Promise<PrometheusSdk> {
    const port = await freePort();
    const settings = {
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    };
    Object.assign(process.env, settings);
    const sdk = new NodeSDK({
      autoDetectResources: false,
      instrumentations: [],
      views: [{ meterName: 'grpc-breaker', aggregationCardinalityLimit: 50_000 }],
    });
    sdk.start();
    for (const name of Object.keys(settings)) delete process.env[name];
    return new PrometheusSdk(sdk, `http://127.0.0.1:${port}/metrics`);
  }

  /** The package's series as Prometheus would read them. */
  async scrape(): Promise<ScrapedSeries[]> {
    const text = await (await fetch(this.#url)).text();
    return text.split('\n').flatMap((line): ScrapedSeries[] => {
      const { metric, labels = '', value } = LINE.exec(line)?.groups ?? {};
      if (metric === undefined || !metric.startsWith('grpc_breaker_')) return [];
      const pairs = Object.fromEntries(Array.from(labels.matchAll(LABEL), ([, name = '', text = '']) => [name, text]));
      return [{ metric, labels: pairs, id: `${metric}{${labels}}`, value: Number(value) }];
    });
  }

  async stop(): Promise<void> {
    await this.#sdk.shutdown();
    for (const api of [trace, metrics, logs, context, propagation]) api.disable();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('there is no port');
  return address.port;
}
