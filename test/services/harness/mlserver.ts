import { join } from 'node:path';
import { serviceDirectory } from './availability.ts';
import { freePort } from './free-port.ts';
import { call, connect, type InferenceClient, loadInferenceClient } from './inference-client.ts';
import { type ServiceProcess, startProcess } from './service-process.ts';
import { until } from './until.ts';

/** A running MLServer with the models `iris` and `echo-slow`. */
export class Mlserver {
  /** Its gRPC address; a restarted server has the same. */
  readonly target: string;
  /** Where its metrics are, as host and port; empty without them. */
  readonly metricsTarget: string;
  readonly #ports: Ports;
  #process: ServiceProcess;

  private constructor(ports: Ports, process: ServiceProcess) {
    this.#ports = ports;
    this.target = `127.0.0.1:${ports.grpc}`;
    this.metricsTarget = ports.metrics === undefined ? '' : `127.0.0.1:${ports.metrics}`;
    this.#process = process;
  }

  /** Starts a server on free ports, and waits until its models are ready. With `metrics`, Prometheus can scrape it. */
  static async start(options: { readonly metrics?: boolean } = {}): Promise<Mlserver> {
    const metrics = options.metrics === true ? await freePort() : undefined;
    const ports = { grpc: await freePort(), http: await freePort(), metrics };
    const server = new Mlserver(ports, await launch(ports));
    await server.#ready();
    return server;
  }

  /** The process. */
  get pid(): number {
    return this.#process.pid;
  }

  /** SIGSTOP: connections stay up, nothing is answered any more. */
  hang(): void {
    this.#process.signal('SIGSTOP');
  }

  /** SIGCONT: goes on after a hang. */
  resume(): void {
    this.#process.signal('SIGCONT');
  }

  /** SIGKILL, and waits for the end. */
  async crash(): Promise<void> {
    this.#process.signal('SIGKILL');
    await this.#process.ended;
  }

  /** Starts it again after a crash, and waits until its models are ready. */
  async restart(): Promise<void> {
    this.#process = await launch(this.#ports);
    await this.#ready();
  }

  /** Ends it for good, whatever state it is in. */
  async stop(): Promise<void> {
    await this.crash();
  }

  async #ready(): Promise<void> {
    const client = connect(loadInferenceClient(), this.target);
    try {
      await until('MLServer is ready', () => this.#modelsReady(client), { withinMs: 90_000 });
    } catch (error) {
      const log = this.#process.log();
      await this.stop();
      throw new Error(`MLServer did not get ready; it printed:\n${log}`, { cause: error });
    } finally {
      client.close();
    }
  }

  async #modelsReady(client: InferenceClient): Promise<boolean> {
    if (!this.#process.running) throw new Error('MLServer ended');
    for (const name of ['iris', 'echo-slow']) {
      const { response } = await call(client, client.modelReady, { name }, { deadline: Date.now() + 2000 });
      if (response?.ready !== true) return false;
    }
    return true;
  }
}

interface Ports {
  readonly grpc: number;
  readonly http: number;
  readonly metrics: number | undefined;
}

function launch(ports: Ports): Promise<ServiceProcess> {
  const directory = serviceDirectory('mlserver');
  return startProcess(join(directory, 'venv/bin/mlserver'), ['start', '.'], {
    cwd: join(directory, 'models'),
    env: {
      MLSERVER_GRPC_PORT: String(ports.grpc),
      MLSERVER_HTTP_PORT: String(ports.http),
      // Without: no third port, and no files of it in the models' folder.
      ...(ports.metrics === undefined ? { MLSERVER_METRICS_ENDPOINT: '' } : { MLSERVER_METRICS_PORT: String(ports.metrics) }),
      PYTHONPATH: 'echo-slow',
      PYTHONDONTWRITEBYTECODE: '1',
    },
  });
}
