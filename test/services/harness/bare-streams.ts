import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { InferenceClientConstructor } from './inference-client.ts';

/** The stubs of MLServer, whose streams answer with bare responses where Triton's have envelopes. */
export function loadBareStreamClient(): InferenceClientConstructor {
  const ours = readFileSync(join(import.meta.dirname, '../../../protos/open_inference.proto'), 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-bare-'));
  try {
    const file = join(folder, 'bare.proto');
    writeFileSync(file, ours.replace('returns (stream ModelStreamInferResponse)', 'returns (stream ModelInferResponse)'));
    const definition = loadSync(file, { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true });
    const loaded = loadPackageDefinition(definition) as unknown as {
      inference: { GRPCInferenceService: InferenceClientConstructor };
    };
    return loaded.inference.GRPCInferenceService;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
