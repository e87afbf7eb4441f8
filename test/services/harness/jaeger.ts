import { join } from 'node:path';
import { serviceDirectory } from './availability.ts';
import { freePort } from './free-port.ts';
import { JaegerQuery } from './jaeger-query.ts';
import { startProcess } from './service-process.ts';
import { until } from './until.ts';

/** A running Jaeger with an empty store. */
export interface Jaeger {
  /** Where OTLP over HTTP goes, for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly otlpUrl: string;
  /** What it has stored. */
  readonly query: JaegerQuery;
  /** Ends it. */
  stop(): Promise<void>;
}

/** Starts Jaeger on free ports, and waits until it is healthy. */
export async function startJaeger(): Promise<Jaeger> {
  const directory = serviceDirectory('jaeger');
  const ports = {
    JAEGER_QUERY_HTTP: await freePort(),
    JAEGER_QUERY_GRPC: await freePort(),
    JAEGER_HEALTH: await freePort(),
    JAEGER_OTLP_GRPC: await freePort(),
    JAEGER_OTLP_HTTP: await freePort(),
  };
  const env = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
  const process = await startProcess(join(directory, 'bin/jaeger'), ['--config', 'file:config.yaml'], {
    cwd: directory,
    env: { ...env, OTEL_TRACES_SAMPLER: 'always_off' }, // no spans of its own, which it would send to the default port
  });
  const stop = async (): Promise<void> => {
    process.signal('SIGKILL'); // its store is memory, there is nothing to save
    await process.ended;
  };
  try {
    await until('Jaeger is healthy', async () => {
      if (!process.running) throw new Error('Jaeger ended');
      const answer = await fetch(`http://127.0.0.1:${ports.JAEGER_HEALTH}/status`).catch(() => undefined);
      return answer?.ok;
    });
  } catch (error) {
    const log = process.log();
    await stop();
    throw new Error(`Jaeger did not get ready; it printed:\n${log}`, { cause: error });
  }
  return {
    otlpUrl: `http://127.0.0.1:${ports.JAEGER_OTLP_HTTP}`,
    query: new JaegerQuery(`http://127.0.0.1:${ports.JAEGER_QUERY_HTTP}`),
    stop,
  };
}
