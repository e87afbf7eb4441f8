import type { InferResponse, ModelMetadata, Tensor, TensorContents, TensorMetadata } from './messages.ts';

/** In which field the data of a datatype stands, and how its raw form is read. */
interface Datatype {
  readonly field: keyof TensorContents;
  readonly bytes: number;
  readonly read: (raw: Buffer) => number;
}

const DATATYPES: Readonly<Record<string, Datatype>> = {
  BOOL: { field: 'bool_contents', bytes: 1, read: (raw) => raw.readUInt8() },
  INT8: { field: 'int_contents', bytes: 1, read: (raw) => raw.readInt8() },
  INT16: { field: 'int_contents', bytes: 2, read: (raw) => raw.readInt16LE() },
  INT32: { field: 'int_contents', bytes: 4, read: (raw) => raw.readInt32LE() },
  INT64: { field: 'int64_contents', bytes: 8, read: (raw) => Number(raw.readBigInt64LE()) },
  UINT8: { field: 'uint_contents', bytes: 1, read: (raw) => raw.readUInt8() },
  UINT16: { field: 'uint_contents', bytes: 2, read: (raw) => raw.readUInt16LE() },
  UINT32: { field: 'uint_contents', bytes: 4, read: (raw) => raw.readUInt32LE() },
  UINT64: { field: 'uint64_contents', bytes: 8, read: (raw) => Number(raw.readBigUInt64LE()) },
  FP32: { field: 'fp32_contents', bytes: 4, read: (raw) => raw.readFloatLE() },
  FP64: { field: 'fp64_contents', bytes: 8, read: (raw) => raw.readDoubleLE() },
};

/**
 * Fits the features into a model's inputs: an unknown dimension becomes 1, and the last one the number of features; a model that wants more values gets
 * the features over again.
 * @param metadata - what the model says; without inputs (MLServer knows none unless told) it gets one FP32 row
 * @throws Error for a model with an input that is not made of numbers
 */
export function inputsFor(metadata: Pick<ModelMetadata, 'name' | 'inputs'>): (features: readonly number[]) => Tensor[] {
  for (const input of metadata.inputs) {
    if (DATATYPES[input.datatype] === undefined) {
      throw new Error(`model ${metadata.name} wants ${input.datatype} in its input "${input.name}"; the demo sends numbers only`);
    }
  }
  const inputs = metadata.inputs.length > 0 ? metadata.inputs : [{ name: 'input-0', datatype: 'FP32', shape: [1, -1] }];
  return (features) => inputs.map((input) => toTensor(input, features));
}

function toTensor(input: TensorMetadata, features: readonly number[]): Tensor {
  const last = input.shape.length - 1;
  const shape = input.shape.map((size, index) => (size > 0 ? size : index === last ? features.length : 1));
  const size = shape.reduce((total, dimension) => total * dimension, 1);
  const values = Array.from({ length: size }, (_, index) => features[index % features.length] ?? 0);
  const field = DATATYPES[input.datatype]?.field ?? 'fp32_contents';
  const exact = field === 'fp32_contents' || field === 'fp64_contents';
  const contents = exact
    ? values
    : values.map((value) => (field === 'bool_contents' ? value > 0 : Math.max(0, Math.round(value))));
  return { name: input.name, datatype: input.datatype, shape, contents: { [field]: contents } };
}

/** The first number of an output, typed or raw; undefined when there is no such output or it holds no number. */
export function firstNumber(response: InferResponse, name?: string): number | undefined {
  const index = name === undefined ? 0 : response.outputs.findIndex((output) => output.name === name);
  const output = response.outputs[index];
  const datatype = output && DATATYPES[output.datatype];
  if (output === undefined || datatype === undefined) return undefined;
  const raw = response.raw_output_contents?.[index];
  if (raw !== undefined && raw.length >= datatype.bytes) return datatype.read(raw);
  const value = output.contents?.[datatype.field]?.[0];
  return value === undefined ? undefined : Number(value);
}
