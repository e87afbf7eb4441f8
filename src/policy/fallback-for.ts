import type { FallbackContext } from './fallback-context.ts';
import type { FallbackSourceOptions } from './fallback-options.ts';

/**
 * A method's definition, as a service definition has it (`Service.method`): of proto-loader's generated types, of static google-protobuf stubs, of
 * ts-proto. The types of proto-loader do not tell which methods stream: there `SendsStream` and `IsStream` are `boolean`.
 */
export interface TypedMethod<Request, Response, IsStream extends boolean, SendsStream extends boolean = boolean> {
  /** `/pkg.Service/Method`. */
  readonly path: string;
  /** The caller sends many messages. */
  readonly requestStream: SendsStream;
  /** The server sends many messages. */
  readonly responseStream: IsStream;
  /** A request message as bytes. */
  readonly requestSerialize: (request: Request) => Buffer;
  /** A response message as bytes. */
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
 * As with every function whose return type is inferred, a field too many compiles; say the return type where that matters.
 * @param method - the method, such as `GreeterService.sayHello`
 * @param answer - makes the response, at once or later; undefined for none. Of streamed requests it is given the first, undefined where there was
 *   none; where the types do not tell, it is typed as a request that is there
 * @param options - name, when and timeout of the source
 * @returns a source, for `fallback.sources`
 */
export function fallbackFor<Request, Response, IsStream extends boolean, SendsStream extends boolean = boolean>(
  method: TypedMethod<Request, Response, IsStream, SendsStream>,
  // The condition always holds. It makes the compiler resolve the method's types before it looks at the function: a text returned for an enum
  // would be any text otherwise.
  answer: [IsStream] extends [boolean]
    ? (
        request: [SendsStream] extends [true] ? NoInfer<Request> | undefined : NoInfer<Request>,
        context: FallbackContext,
      ) => FallbackAnswerOf<NoInfer<Response>, IsStream> | Promise<FallbackAnswerOf<NoInfer<Response>, IsStream>>
    : never,
  options: Pick<FallbackSourceOptions, 'name' | 'when' | 'timeout'> = {},
): FallbackSourceOptions {
  return { ...options, function: answer, method: method.path.replace(/^\//, '') };
}
