import type { InferRequest, InferResponse, ModelMetadata } from '../inference/messages.ts';
import { predict } from '../model/logistic.ts';
import type { TrainedModel } from '../model/train.ts';

/** The chance above which the model says buy; below one minus it, sell. */
const CONVICTION = 0.6;

/** A request that the model cannot work with. */
export class BadRequest extends Error {}

/** What the model says about itself. */
export function metadataOf(model: TrainedModel): ModelMetadata {
  return {
    name: model.name,
    versions: [model.version],
    platform: 'logistic-regression',
    inputs: [{ name: 'book', datatype: 'FP32', shape: [1, model.features.length] }],
    outputs: [
      { name: 'signal', datatype: 'INT32', shape: [1] },
      { name: 'probability', datatype: 'FP64', shape: [1] },
    ],
  };
}

/**
 * Answers one request: `signal` is 1 (buy), 0 (hold) or -1 (sell), `probability` the chance of a rise.
 * @throws BadRequest when the input has another number of values than the model has features
 */
export function infer(model: TrainedModel, request: InferRequest & { raw_input_contents?: readonly Buffer[] }): InferResponse {
  const values = inputValues(request);
  if (values.length !== model.features.length) {
    throw new BadRequest(`expected ${model.features.length} FP32 values in one input, got ${values.length}`);
  }
  const probability = predict(model, values);
  const signal = probability > CONVICTION ? 1 : probability < 1 - CONVICTION ? -1 : 0;
  return {
    model_name: model.name,
    model_version: model.version,
    id: request.id ?? '',
    outputs: [
      { name: 'signal', datatype: 'INT32', shape: [1], contents: { int_contents: [signal] } },
      { name: 'probability', datatype: 'FP64', shape: [1], contents: { fp64_contents: [probability] } },
    ],
  };
}

function inputValues(request: InferRequest & { raw_input_contents?: readonly Buffer[] }): readonly number[] {
  const raw = request.raw_input_contents?.[0];
  if (raw === undefined) return request.inputs[0]?.contents?.fp32_contents ?? [];
  return Array.from({ length: Math.floor(raw.length / 4) }, (_, index) => raw.readFloatLE(index * 4));
}
