import { z } from 'zod';
import type { FallbackContext } from './fallback-context.ts';
import { openShareSchema, type Share } from './units.ts';

/** Where a fallback call goes: the package makes a client of it, with breakers of its own. */
export interface FallbackClient {
  /** The address, as for a client of grpc-js. */
  readonly target: string;
  /** Channel credentials of grpc-js, such as `credentials.createInsecure()`. */
  readonly credentials: unknown;
  /** Client options of grpc-js, such as interceptors of your own. */
  readonly options?: object;
}

/** Makes the request of a fallback call from the call's own request. */
// biome-ignore lint/suspicious/noExplicitAny: the message types are the methods', which a policy does not know.
export type RequestMapper = (request: any, context: FallbackContext) => unknown;

/** Makes the response that the caller gets from that of a fallback call. */
// biome-ignore lint/suspicious/noExplicitAny: the message types are the methods', which a policy does not know.
export type ResponseMapper = (response: any, request: any) => unknown;

/** Another call that answers: the same or another method on another client, such as a smaller model. For methods with one request. */
export interface FallbackCallOptions {
  /** The client, or its name among the registered `clients`. */
  client: string | FallbackClient;
  /** `pkg.Service/Method`. Its service has to be registered. @default the method of the call itself */
  method?: string;
  /** Makes its request; a text is the name of a registered function. @default the call's own request */
  request?: RequestMapper | string;
  /** Makes the answer from its response; a text is the name of a registered function. @default the response as it is */
  response?: ResponseMapper | string;
  /** Its share of the time left until the deadline; the rest is for the sources behind it. @default all of it */
  share?: Share;
  /** It carries the caller's metadata. @default true */
  forwardMetadata?: boolean;
}

/** {@link FallbackCallOptions} as parsed. */
export interface FallbackCallConfig {
  readonly client: string | FallbackClient;
  readonly method: string | undefined;
  readonly request: RequestMapper | string | undefined;
  readonly response: ResponseMapper | string | undefined;
  readonly share: number;
  readonly forwardMetadata: boolean;
}

const mapperSchema = <T>(what: string) =>
  z.union([z.string(), z.custom<T>((value) => typeof value === 'function')], {
    error: `expected a function ${what}, or the name of a registered one`,
  });

const clientSchema = z.union(
  [
    z.string().min(1),
    z.strictObject({
      target: z.string().min(1),
      credentials: z.custom<object>((value) => typeof value === 'object' && value !== null),
      options: z.custom<object>((value) => value === undefined || (typeof value === 'object' && value !== null)).optional(),
    }),
  ],
  { error: 'expected the name of a registered client, or (in code) { target, credentials }' },
);

/** Reads a {@link FallbackCallConfig}. */
export const fallbackCallSchema: z.ZodType<FallbackCallConfig> = z
  .strictObject({
    client: clientSchema,
    method: z
      .string()
      .regex(/^[\w.]+\/\w+$/, { error: 'expected a method such as pkg.Service/Method' })
      .optional(),
    request: mapperSchema<RequestMapper>('(request, context) => request').optional(),
    response: mapperSchema<ResponseMapper>('(response, request) => response').optional(),
    share: z.union([z.literal(1), z.literal('100%'), openShareSchema('share of the time left', '50%')]).optional(),
    forwardMetadata: z.boolean({ error: 'expected true or false' }).optional(),
  })
  .transform(({ client, method, request, response, share, forwardMetadata = true }) => ({
    client: client as string | FallbackClient,
    method,
    request,
    response,
    share: typeof share === 'number' ? share : 1,
    forwardMetadata,
  }));
