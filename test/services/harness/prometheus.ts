import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceDirectory } from './availability.ts';
import { freePort } from './free-port.ts';
import { startProcess } from './service-process.ts';
import { until } from './until.ts';

/** A running Prometheus with an empty store. */
export interface Prometheus {
  /** Its address. */
  readonly url: string;
  /** SIGSTOP: it takes connections, and answers nothing any more. */
  hang(): void;
  /** SIGCONT: goes on after a hang. */
  resume(): void;
  /** SIGKILL, and waits for the end. */
  stop(): Promise<void>;
}

/** Starts Prometheus on a free port, scraping a target each 500 ms, and waits until it is ready. */
export async function startPrometheus(target: string): Promise<Prometheus> {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'grpc-breaker-prometheus-'));
  const config = {
    global: { scrape_interval: '500ms', scrape_timeout: '400ms' },
    scrape_configs: [{ job_name: 'models', static_configs: [{ targets: [target] }] }],
  };
  writeFileSync(join(directory, 'prometheus.yml'), JSON.stringify(config)); // JSON is YAML
  const process = await startProcess(
    join(serviceDirectory('prometheus'), 'bin/prometheus'),
    ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'],
    { cwd: directory, env: {} },
  );
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    process.signal('SIGKILL');
    await process.ended;
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await until('Prometheus is ready', async () => {
      if (!process.running) throw new Error('Prometheus ended');
      const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
      return answer?.ok;
    });
  } catch (error) {
    const log = process.log();
    await stop();
    throw new Error(`Prometheus did not get ready; it printed:\n${log}`, { cause: error });
  }
  return { url, stop, hang: () => process.signal('SIGSTOP'), resume: () => process.signal('SIGCONT') };
}
