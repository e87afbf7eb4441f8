import type { Outcome } from '../core/outcome.ts';
import type { FallbackOptions } from './fallback-options.ts';
import type { KeyPart } from './key-spec.ts';
import { fieldAt } from './message-field.ts';
import type { Classify, EndedStatus, MethodPolicyOptions } from './method-options.ts';
import { STATUS_CODES } from './status-codes.ts';

/** The service of the Open Inference Protocol (KServe v2), as MLServer and NVIDIA Triton serve it. */
const SERVICE = 'inference.GRPCInferenceService';

/** What `presets.openInference` takes besides the options of a policy. `name` and `key` are the preset's own. */
export interface OpenInferenceOptions extends Omit<MethodPolicyOptions, 'name' | 'key' | 'classify' | 'failureWhen' | 'preset'> {
  /** One breaker for each version of a model, besides each model. @default true */
  byVersion?: boolean;
  /**
   * The fallback of ModelStreamInfer, whose answers are others than those of ModelInfer: `messages` of `{ infer_response }` for Triton.
   * @default none
   */
  streamFallback?: FallbackOptions;
}

/**
 * What such a server really sends where the code alone misleads, as measured against MLServer 1.7.1 and Triton 2.51. A rule on the text only ever
 * adds to the codes: texts can be missing. Bad input that MLServer reports as INTERNAL cannot be told from a broken model.
 */
const MISLEADING: readonly (readonly [code: number, text: RegExp, outcome: Outcome])[] = [
  // Triton unloads a model, or is shutting down. A name that it does not know "is not found".
  [STATUS_CODES.NOT_FOUND, /has no available versions$/, 'failure'],
  // MLServer has not loaded the model yet.
  [STATUS_CODES.INVALID_ARGUMENT, /^Model .* is not ready yet\.$/, 'failure'],
  // Triton wants a header that this client does not send.
  [STATUS_CODES.UNAVAILABLE, /^This protocol is restricted, expecting header/, 'success'],
  // The request is larger than the server takes.
  [
    STATUS_CODES.RESOURCE_EXHAUSTED,
    /^SERVER: Received message larger than max|^received metadata size exceeds hard limit/,
    'success',
  ],
  // MLServer was asked for the readiness of a model that it does not have, or got bytes that are no request.
  [
    STATUS_CODES.UNKNOWN,
    /^Unexpected <class '(mlserver\.errors\.ModelNotFound|google\.protobuf\.message\.DecodeError)'>/,
    'success',
  ],
  [STATUS_CODES.INTERNAL, /^Unable to parse request$/, 'success'],
];

/** Says how a status of a server counts whose code misleads; undefined leaves it to the codes. */
export const classifyInference: Classify = ({ code, details }: EndedStatus) =>
  MISLEADING.find(([misleading, text]) => code === misleading && text.test(details))?.[2];

/** Triton refuses a request before its model runs: the caller's fault, unless the server has no room or no model. */
const OF_THE_SERVER = /has no available versions$|Exceeds maximum queue size$/;

/**
 * Whether a message of ModelStreamInfer reports that the model failed: Triton says so in the message, under status OK. What it refuses at the door
 * (an unknown model, bad input) names no model, and is the caller's fault.
 */
export function reportsInferenceFailure(response: unknown): boolean {
  const error = fieldAt(response, ['error_message']);
  if (typeof error !== 'string' || error === '') return false;
  const model = fieldAt(response, ['infer_response', 'model_name']) ?? '';
  return model !== '' || OF_THE_SERVER.test(error);
}

/**
 * Policies for servers of the Open Inference Protocol (KServe v2): MLServer, NVIDIA Triton. Each model (and version) has its own breaker; statuses and
 * in-band errors count as those servers mean them; calls that ask for readiness and metadata have breakers of their own, because they say little about
 * inference.
 * @param options - options of the policies of `ModelInfer` and `ModelStreamInfer`; `fallback` and `staleAfter` are for ModelInfer, `stream` and
 *   `streamFallback` for ModelStreamInfer
 * @returns entries for `methods` of a policy
 */
export function openInference({ byVersion = true, ...options }: OpenInferenceOptions = {}): MethodPolicyOptions[] {
  const { fallback, staleAfter, stream, streamFallback, ...both } = options;
  const version: KeyPart[] = byVersion ? ['request.model_version?'] : [];
  const key: KeyPart[] = ['target', 'method', 'request.model_name', ...version];
  return [
    {
      ...both,
      ...(fallback !== undefined && { fallback }),
      ...(staleAfter !== undefined && { staleAfter }),
      name: [{ service: SERVICE, method: 'ModelInfer' }],
      key,
      classify: classifyInference,
    },
    {
      ...both,
      ...(stream !== undefined && { stream }),
      ...(streamFallback !== undefined && { fallback: streamFallback }),
      name: [{ service: SERVICE, method: 'ModelStreamInfer' }],
      key,
      classify: classifyInference,
      failureWhen: reportsInferenceFailure,
    },
    { ...(options.mode !== undefined && { mode: options.mode }), name: [{ service: SERVICE }], classify: classifyInference },
  ];
}

/** Ready-made policies for known servers. */
export const presets: { readonly openInference: typeof openInference } = { openInference };
