/** One value of a tensor or request parameter. */
export interface InferParameter {
  readonly bool_param?: boolean;
  readonly int64_param?: string | number;
  readonly string_param?: string;
}

/** The values of a tensor, by type. */
export type TensorContents = Readonly<Record<string, readonly (number | string | boolean | Uint8Array)[]>>;

/** An input or output. */
export interface Tensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly (number | string)[];
  readonly contents?: TensorContents | null;
  readonly parameters?: Readonly<Record<string, InferParameter>>;
}

/** What is asked of a model. */
export interface ModelInferRequest {
  readonly model_name: string;
  readonly id?: string;
  readonly parameters?: Readonly<Record<string, InferParameter>>;
  readonly inputs: readonly Tensor[];
  readonly raw_input_contents?: readonly Uint8Array[];
}

/** What a model answers. */
export interface ModelInferResponse {
  readonly model_name: string;
  readonly id?: string;
  readonly outputs: readonly Tensor[];
}

/** One flower of each species, as sepal and petal lengths and widths in centimetres, in the order of the classes 0, 1, 2. */
const FLOWERS: readonly (readonly number[])[] = [
  [5.1, 3.5, 1.4, 0.2],
  [5.9, 3.0, 4.2, 1.5],
  [6.3, 3.3, 6.0, 2.5],
];

/** Asks the iris model for the species of these flowers. */
export function irisRequest(id: string, flowers: readonly (readonly number[])[] = FLOWERS): ModelInferRequest {
  return {
    model_name: 'iris',
    id,
    inputs: [{ name: 'x', datatype: 'FP64', shape: [flowers.length, 4], contents: { fp64_contents: flowers.flat() } }],
  };
}

/** The numbers of the first output; undefined when there are none. */
export function numbersOf(response: ModelInferResponse | undefined): readonly unknown[] | undefined {
  const contents = response?.outputs[0]?.contents;
  return contents === undefined || contents === null ? undefined : Object.values(contents).find((c) => c.length > 0);
}

/** What the echo model is to do. */
export interface EchoOrders {
  /** Answer this many milliseconds late. */
  readonly delayMs?: number;
  /** Fail with this HTTP status; MLServer makes a gRPC status of it. */
  readonly failWith?: number;
}

/** Asks the echo model for its own input. */
export function echoRequest(id: string, { delayMs = 0, failWith }: EchoOrders = {}): ModelInferRequest {
  return {
    model_name: 'echo-slow',
    id,
    parameters: {
      delay_ms: { int64_param: delayMs },
      ...(failWith === undefined ? {} : { fail: { bool_param: true }, http_status: { int64_param: failWith } }),
    },
    inputs: [{ name: 'x', datatype: 'INT64', shape: [2], contents: { int64_contents: [7, 11] } }],
  };
}
