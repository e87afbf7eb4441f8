import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceDirectory } from './availability.ts';
import { freePort } from './free-port.ts';
import { call } from './inference-client.ts';
import { startProcess } from './service-process.ts';
import { TRITON } from './triton.ts';
import { connectTriton } from './triton-client.ts';
import { until } from './until.ts';

/** A model in two versions, of which the newer one is broken. */
export const VERSIONS = 'versions';

/** A Triton with {@link VERSIONS}. */
export interface VersionedTriton {
  readonly target: string;
  stop(): Promise<void>;
}

/** Fails each request. Its server takes it for ready. */
const BROKEN = `import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def execute(self, requests):
        error = pb_utils.TritonError("version 2 is broken")
        return [pb_utils.InferenceResponse(error=error) for _ in requests]
`;

/** Starts it, and waits until both versions are ready. */
export async function startVersions(): Promise<VersionedTriton> {
  const directory = serviceDirectory(TRITON);
  const models = mkdtempSync(join(tmpdir(), 'grpc-breaker-versions-'));
  const model = join(models, VERSIONS);
  cpSync(join(directory, 'models/dbl'), model, { recursive: true });
  const config = readFileSync(join(model, 'config.pbtxt'), 'utf8').replace('"dbl"', `"${VERSIONS}"`);
  writeFileSync(join(model, 'config.pbtxt'), `${config}\nversion_policy { all {} }\n`);
  mkdirSync(join(model, '2'));
  writeFileSync(join(model, '2/model.py'), BROKEN);

  const port = await freePort();
  const target = `127.0.0.1:${port}`;
  const server = await startProcess(join(directory, 'start.sh'), [`--model-repository=${models}`], {
    cwd: directory,
    env: { TRITON_GRPC_PORT: String(port), TRITON_SHM_PREFIX: `grpc-breaker-${process.pid}-${port}-` },
  });
  const stop = async (): Promise<void> => {
    // It clears away its shared memory then.
    if (server.running) process.kill(server.pid, 'SIGTERM');
    await server.ended;
    rmSync(models, { recursive: true, force: true });
  };
  const client = connectTriton(target);
  try {
    await until('both versions are ready', async () => {
      if (!server.running) throw new Error(`Triton ended; it printed:\n${server.log()}`);
      const options = { deadline: Date.now() + 2000 };
      const asked = ['1', '2'].map((version) => call(client, client.modelReady, { name: VERSIONS, version }, options));
      return (await Promise.all(asked)).every(({ response }) => response?.ready === true);
    });
  } catch (error) {
    await stop();
    throw error;
  } finally {
    client.close();
  }
  return { target, stop };
}
