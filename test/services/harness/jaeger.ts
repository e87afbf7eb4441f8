import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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
  /** Where OTLP over gRPC goes. */
  readonly otlpGrpcUrl: string;
  /** What it has stored. */
  readonly query: JaegerQuery;
  /** Ends it. */
  stop(): Promise<void>;
}

/** Jaeger's store in memory cannot search by `error=true`: it compares the text with a truth value (seen with 2.13). Badger can. */
export type JaegerStore = 'memory' | 'badger';

/** Starts Jaeger on free ports, and waits until it is healthy. */
export async function startJaeger(store: JaegerStore = 'memory'): Promise<Jaeger> {
  const directory = serviceDirectory('jaeger');
  const own = mkdtempSync(join(tmpdir(), 'grpc-breaker-jaeger-'));
  const config = readFileSync(join(directory, 'config.yaml'), 'utf8');
  const badger = config.replace(/\{ memory: \{[^}]*\} \}/, '{ badger: { ephemeral: true } }');
  writeFileSync(join(own, 'config.yaml'), store === 'badger' ? badger : config);
  const ports = {
    JAEGER_QUERY_HTTP: await freePort(),
    JAEGER_QUERY_GRPC: await freePort(),
    JAEGER_HEALTH: await freePort(),
    JAEGER_OTLP_GRPC: await freePort(),
    JAEGER_OTLP_HTTP: await freePort(),
  };
  const env = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
  const process = await startProcess(join(directory, 'bin/jaeger'), ['--config', `file:${join(own, 'config.yaml')}`], {
    cwd: directory,
    env: { ...env, OTEL_TRACES_SAMPLER: 'always_off' }, // no spans of its own, which it would send to the default port
  });
  const stop = async (): Promise<void> => {
    process.signal('SIGKILL'); // its store is memory, there is nothing to save
    await process.ended;
    rmSync(own, { recursive: true, force: true });
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
    otlpGrpcUrl: `http://127.0.0.1:${ports.JAEGER_OTLP_GRPC}`,
    query: new JaegerQuery(`http://127.0.0.1:${ports.JAEGER_QUERY_HTTP}`),
    stop,
  };
}
