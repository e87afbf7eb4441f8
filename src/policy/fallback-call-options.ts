import { z } from 'zod';
import { expected } from './expected.ts';
import type { FallbackContext } from './fallback-context.ts';
import { codeOnly, noted } from './schema-notes.ts';
import { type Share, timeShareSchema } from './units.ts';

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

const mapperSchema = <T>(what: string) => {
  const error = expected(`a function ${what}, or the name of a registered one`);
  return z.union([z.string().min(1, { error }), codeOnly<T>((value) => typeof value === 'function')], { error });
};

const CLIENT_EXPECTED = expected('the name of one of the clients, such as cheap, or (in code) { target, credentials }');
const TARGET_EXPECTED = expected('an address, such as "models:8001"');

/** What was found is not told: it may be secret. */
const CREDENTIALS_EXPECTED =
  'expected channel credentials of grpc-js, such as credentials.createInsecure(); a document has its clients under "clients", and their names here';

const clientSchema = z.union(
  [
    z.string().min(1, { error: CLIENT_EXPECTED }),
    noted(
      z.strictObject({
        target: z.string({ error: TARGET_EXPECTED }).min(1, { error: TARGET_EXPECTED }),
        credentials: z.custom<object>((value) => typeof value === 'object' && value !== null, {
          error: ({ input }) => `${input === undefined ? 'is missing' : 'is something else'}; ${CREDENTIALS_EXPECTED}`,
        }),
        options: z
          .custom<object>((value) => value === undefined || (typeof value === 'object' && value !== null), {
            error: expected('client options of grpc-js'),
          })
          .optional(),
      }),
      { not: {} },
    ),
  ],
  { error: CLIENT_EXPECTED },
);

const METHOD_EXPECTED = expected('a method such as pkg.Service/Method');

/** Reads a {@link FallbackCallConfig}. */
export const fallbackCallSchema: z.ZodType<FallbackCallConfig> = noted(
  z.strictObject(
    {
      client: clientSchema,
      method: z
        .string({ error: METHOD_EXPECTED })
        .regex(/^[\w.]+\/\w+$/, { error: METHOD_EXPECTED })
        .optional(),
      request: mapperSchema<RequestMapper>('(request, context) => request').optional(),
      response: mapperSchema<ResponseMapper>('(response, request) => response').optional(),
      share: timeShareSchema.optional(),
      forwardMetadata: z.boolean({ error: expected('true or false') }).optional(),
    },
    { error: expected('an object with client, such as { client: smaller }') },
  ),
  { id: 'FallbackCallOptions' },
).transform(({ client, method, request, response, share = 1, forwardMetadata = true }) => ({
  client: client as string | FallbackClient,
  method,
  request,
  response,
  share,
  forwardMetadata,
}));
