import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import type { Manner } from './observed-client-main.ts';

/** A process that makes calls through breakers, and shows its metrics to Prometheus. It ends with this process at the latest. */
export interface ObservedClient {
  /** Where its metrics are, `127.0.0.1:<port>`. */
  readonly metricsTarget: string;
  /** Its metrics as they are now. */
  metrics(): Promise<string>;
  /** How it goes about it from now on. */
  tell(manner: Manner): void;
  /** Ends it. */
  stop(): Promise<void>;
}

/**
 * Starts it.
 * @param target - the scripted server that it asks
 */
export async function startObservedClient(target: string): Promise<ObservedClient> {
  const port = await freePort();
  const child = fork(join(import.meta.dirname, 'observed-client-main.ts'), [target], {
    execArgv: [],
    env: {
      ...process.env,
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    },
  });
  const ended = once(child, 'exit');
  await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => {
      throw new Error(`the client ended with ${code}`);
    }),
  ]);
  const metricsTarget = `127.0.0.1:${port}`;
  return {
    metricsTarget,
    metrics: async () => (await fetch(`http://${metricsTarget}/metrics`)).text(),
    tell: (manner) => void child.send(manner),
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
