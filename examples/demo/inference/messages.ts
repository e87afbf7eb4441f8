/** Data of a tensor, as far as the demo needs it. */
export interface TensorContents {
  readonly bool_contents?: readonly boolean[];
  readonly int_contents?: readonly number[];
  readonly int64_contents?: readonly number[];
  readonly uint_contents?: readonly number[];
  readonly uint64_contents?: readonly number[];
  readonly fp32_contents?: readonly number[];
  readonly fp64_contents?: readonly number[];
}

/** An input or output of a prediction. */
export interface Tensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly contents?: TensorContents | null;
}

/** `inference.ModelInferRequest`. */
export interface InferRequest {
  readonly model_name: string;
  readonly id?: string;
  readonly inputs: readonly Tensor[];
}

/** `inference.ModelInferResponse`. */
export interface InferResponse {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly outputs: readonly Tensor[];
  readonly raw_output_contents?: readonly Buffer[];
}

/** What a model says about one of its inputs or outputs. */
export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  /** -1 marks a dimension of any size. */
  readonly shape: readonly number[];
}

/** `inference.ModelMetadataResponse`. */
export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}
