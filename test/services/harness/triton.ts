import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ServiceName, serviceDirectory } from './availability.ts';
import { freePort } from './free-port.ts';
import { call } from './inference-client.ts';
import { type ServiceProcess, startProcess } from './service-process.ts';
import { connectTriton } from './triton-client.ts';
import { until } from './until.ts';

/** What Triton is called where its folder or whether it is installed is asked for. */
export const TRITON: ServiceName = 'triton';

/** The models of the installed Triton, see `install/triton-models/model.py`. */
const TRITON_MODELS = ['dbl', 'tpl', 'dbl-queue', 'dbl-stream'] as const;

const SHARED_MEMORY = '/dev/shm';

/** A running NVIDIA Triton with the models of `TRITON_MODELS`. */
export class Triton {
  /** Its gRPC address; a restarted server has the same. */
  readonly target: string;
  readonly #port: number;
  #process: ServiceProcess;

  private constructor(port: number, process: ServiceProcess) {
    this.#port = port;
    this.target = `127.0.0.1:${port}`;
    this.#process = process;
  }

  /** Starts a server on a free port, and waits until its models are ready. */
  static async start(): Promise<Triton> {
    const port = await freePort();
    const server = new Triton(port, await launch(port));
    await server.#ready();
    return server;
  }

  /** The process; its models run in processes of their own, in the same process group. */
  get pid(): number {
    return this.#process.pid;
  }

  /** The end of what it printed. */
  log(): string {
    return this.#process.log();
  }

  /**
   * SIGSTOP to the server's own process: connections stay up, nothing is answered any more. Where its models are stopped too, for more than a second, a
   * Triton that goes on takes them for dead, and crashes as often as not.
   */
  hang(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  /** SIGCONT: goes on after a hang. */
  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** SIGTERM, without waiting: it refuses new work, and ends when what is in flight has ended or after five seconds. */
  shutDown(): void {
    process.kill(this.pid, 'SIGTERM');
  }

  /** SIGKILL, and waits for the end. */
  async crash(): Promise<void> {
    this.#process.signal('SIGKILL');
    await this.#process.ended;
    // What a killed Triton cannot clear away itself.
    for (const file of readdirSync(SHARED_MEMORY)) {
      if (file.startsWith(shmPrefix(this.#port))) rmSync(join(SHARED_MEMORY, file), { force: true });
    }
  }

  /** Starts it again after a crash, and waits until its models are ready. */
  async restart(): Promise<void> {
    this.#process = await launch(this.#port);
    await this.#ready();
  }

  /** Ends it for good, whatever state it is in. */
  async stop(): Promise<void> {
    await this.crash();
  }

  async #ready(): Promise<void> {
    const client = connectTriton(this.target);
    try {
      await until('Triton is ready', async () => {
        if (!this.#process.running) throw new Error('Triton ended');
        for (const name of TRITON_MODELS) {
          const { response } = await call(client, client.modelReady, { name }, { deadline: Date.now() + 2000 });
          if (response?.ready !== true) return false;
        }
        return true;
      });
    } catch (error) {
      const log = this.log();
      await this.stop();
      throw new Error(`Triton did not get ready; it printed:\n${log}`, { cause: error });
    } finally {
      client.close();
    }
  }
}

function shmPrefix(port: number): string {
  return `grpc-breaker-${process.pid}-${port}-`;
}

function launch(port: number): Promise<ServiceProcess> {
  const directory = serviceDirectory(TRITON);
  return startProcess(join(directory, 'start.sh'), [], {
    cwd: directory,
    env: { TRITON_GRPC_PORT: String(port), TRITON_SHM_PREFIX: shmPrefix(port) },
  });
}
