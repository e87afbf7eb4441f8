import { credentials, type ServiceError, status } from '@grpc/grpc-js';
import type { ModelMetadata, Tensor } from './inference/messages.ts';
import { ask, InferenceClass, type InferenceClient } from './inference/service.ts';
import { inputsFor } from './inference/tensors.ts';

const PATIENCE_MS = 5_000;

/**
 * Checks that a server has a model and that it is ready, and finds out what its inputs look like.
 * @returns makes the inputs of a prediction from features
 * @throws Error that says what is wrong: no such server or model, a model that is not ready or that does not take numbers
 */
export async function openModel(address: string, model: string): Promise<(features: readonly number[]) => readonly Tensor[]> {
  const client = new InferenceClass(address, credentials.createInsecure()) as unknown as InferenceClient;
  try {
    await ready(client, address);
    const options = { deadline: Date.now() + PATIENCE_MS };
    const metadata = await ask<ModelMetadata>((callback) => client.ModelMetadata({ name: model }, options, callback)).catch(
      (error: ServiceError) => {
        if (error.code === status.UNIMPLEMENTED) throw new Error(`${address} does not speak the Open Inference Protocol`);
        throw new Error(`${address} does not show a model "${model}": ${error.details} (--model names another)`);
      },
    );
    const { ready: isReady } = await ask<{ ready: boolean }>((callback) => client.ModelReady({ name: model }, options, callback));
    if (!isReady) throw new Error(`model "${model}" on ${address} is not ready`);
    return inputsFor(metadata);
  } finally {
    client.close();
  }
}

function ready(client: InferenceClient, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + PATIENCE_MS, (error) =>
      error ? reject(new Error(`no server answers at ${address}`)) : resolve(),
    );
  });
}
