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

/** What it is to do besides scraping a target. */
export interface PrometheusPlan {
  /** The name of the job. @default 'models' */
  readonly job?: string;
  /** Milliseconds from scrape to scrape. @default 500 */
  readonly everyMs?: number;
  /** A file of rules, as an object. @default no rules */
  readonly rules?: object;
}

/** Starts Prometheus on a free port, scraping a target, and waits until it is ready. */
export async function startPrometheus(target: string, plan: PrometheusPlan = {}): Promise<Prometheus> {
  const { job = 'models', everyMs = 500, rules = { groups: [] } } = plan;
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'grpc-breaker-prometheus-'));
  const config = {
    global: { scrape_interval: `${everyMs}ms`, scrape_timeout: `${everyMs * 0.8}ms`, evaluation_interval: `${everyMs}ms` },
    rule_files: ['rules.yml'],
    scrape_configs: [{ job_name: job, static_configs: [{ targets: [target] }] }],
  };
  writeFileSync(join(directory, 'rules.yml'), JSON.stringify(rules));
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
