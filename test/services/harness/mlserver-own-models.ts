import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceDirectory } from './availability.ts';
import { freePort } from './free-port.ts';
import { call, connect, loadInferenceClient } from './inference-client.ts';
import { startProcess } from './service-process.ts';
import { until } from './until.ts';

/** A model that answers its one request with many responses, and one that never gets ready. */
const RUNTIME = `import asyncio

from mlserver import MLModel
from mlserver.errors import MLServerError
from mlserver.types import InferenceResponse, ResponseOutput


class Streamer(MLModel):
    """Parameters of a request: \`chunks\`, \`delay_ms\` before each, and \`fail_at\`, the chunk that is a 503 instead."""

    async def load(self):
        return True

    async def predict_stream(self, payloads):
        async for payload in payloads:
            for index in range(int(getattr(payload.parameters, "chunks", 3))):
                await asyncio.sleep(float(getattr(payload.parameters, "delay_ms", 0)) / 1000)
                if index == int(getattr(payload.parameters, "fail_at", -1)):
                    raise MLServerError("injected failure", 503)
                output = ResponseOutput(name="y", shape=[1], datatype="INT64", data=[index])
                yield InferenceResponse(model_name=self.name, model_version=self.version, outputs=[output])


class Sleepy(MLModel):
    async def load(self):
        return False
`;

const MODELS = {
  streamer: { implementation: 'own_models.Streamer' },
  versioned: { implementation: 'own_models.Streamer', parameters: { version: 'v1' } },
  sleepy: { implementation: 'own_models.Sleepy' },
};

/** An MLServer with the models `streamer`, `versioned` (which tells its version) and `sleepy`. */
export interface OwnMlserver {
  readonly target: string;
  stop(): Promise<void>;
}

/** Starts it, and waits until those that stream are ready. */
export async function startOwnModels(): Promise<OwnMlserver> {
  const directory = serviceDirectory('mlserver');
  const models = mkdtempSync(join(tmpdir(), 'grpc-breaker-models-'));
  copyFileSync(join(directory, 'models/settings.json'), join(models, 'settings.json'));
  writeFileSync(join(models, 'own_models.py'), RUNTIME);
  for (const [name, settings] of Object.entries(MODELS)) {
    mkdirSync(join(models, name));
    writeFileSync(join(models, name, 'model-settings.json'), JSON.stringify({ name, ...settings }));
  }
  const port = await freePort();
  const target = `127.0.0.1:${port}`;
  const server = await startProcess(join(directory, 'venv/bin/mlserver'), ['start', '.'], {
    cwd: models,
    env: {
      MLSERVER_GRPC_PORT: String(port),
      MLSERVER_HTTP_PORT: String(await freePort()),
      MLSERVER_METRICS_ENDPOINT: '',
      PYTHONPATH: '.',
      PYTHONDONTWRITEBYTECODE: '1',
    },
  });
  const stop = async (): Promise<void> => {
    server.signal('SIGKILL');
    await server.ended;
    rmSync(models, { recursive: true, force: true });
  };
  const client = connect(loadInferenceClient(), target);
  try {
    await until(
      'the streaming models are ready',
      async () => {
        if (!server.running) throw new Error(`MLServer ended; it printed:\n${server.log()}`);
        const options = { deadline: Date.now() + 2000 };
        const asked = ['streamer', 'versioned'].map((name) => call(client, client.modelReady, { name }, options));
        return (await Promise.all(asked)).every(({ response }) => response?.ready === true);
      },
      { withinMs: 90_000 },
    );
  } catch (error) {
    await stop();
    throw error;
  } finally {
    client.close();
  }
  return { target, stop };
}
