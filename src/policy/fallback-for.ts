import type { FallbackContext } from './fallback-context.ts';
import type { FallbackSourceOptions } from './fallback-options.ts';

/**
 * A method's definition, as a service definition has it (`Service.method`): of proto-loader's generated types, of static google-protobuf stubs, of
 * ts-proto.
 */
export interface TypedMethod<Request, Response, IsStream extends boolean> {
  /** `/pkg.Service/Method`. */
  readonly path: string;
  readonly responseStream: IsStream;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseSerialize: (response: Response) => Buffer;
}

/** What a fallback function of a method answers with: a message, or for streamed responses a list or an async iterable of them. Undefined for nothing. */
export type FallbackAnswerOf<Response, IsStream extends boolean> =
  | (boolean extends IsStream
      ? Response | readonly Response[] | AsyncIterable<Response>
      : IsStream extends true
        ? readonly Response[] | AsyncIterable<Response>
        : Response)
  | undefined;

/**
 * A fallback function with the types of its method: a request or a response of another type does not compile. It answers calls of that method alone.
 * @param method - the method, such as `GreeterService.sayHello`
 * @param answer - makes the response, at once or later; undefined for none
 * @param options - name, when and timeout of the source
 * @returns a source, for `fallback.sources`
 */
export function fallbackFor<Request, Response, IsStream extends boolean>(
  method: TypedMethod<Request, Response, IsStream>,
  answer: (
    request: NoInfer<Request>,
    context: FallbackContext,
  ) => FallbackAnswerOf<NoInfer<Response>, IsStream> | Promise<FallbackAnswerOf<NoInfer<Response>, IsStream>>,
  options: Pick<FallbackSourceOptions, 'name' | 'when' | 'timeout'> = {},
): FallbackSourceOptions {
  return { ...options, function: answer, method: method.path.replace(/^\//, '') };
}
