import { fileURLToPath } from 'node:url';
import type * as Grpc from '@grpc/grpc-js';
import type * as ProtoLoader from '@grpc/proto-loader';
import { parseDuration } from '../policy/units.ts';
import { wallClockNow } from '../system-clock.ts';
import { adminError } from './admin-errors.ts';
import type { WireWatch } from './admin-messages.ts';
import { CliError, usageError } from './cli-error.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { bearerToken, channelCredentials, isLocal, isTls, userName } from './credentials.ts';
import { EXIT } from './exit-codes.ts';
import { say, type Terminal } from './terminal.ts';

/** A connection to an admin service. */
export interface AdminClient {
  readonly address: string;
  /** Asks once. @throws CliError */
  ask<Response>(method: string, request?: object): Promise<Response>;
  /** Opens the stream of what happens. */
  watch(request: object): Grpc.ClientReadableStream<WireWatch>;
  /** An error of {@link AdminClient.watch} in plain words. */
  explain(error: Grpc.ServiceError): CliError;
  close(): void;
}

/** Lists are lists and numbers are numbers: counts stay far below 2 to the 53. */
const MESSAGES: ProtoLoader.Options = { keepCase: false, longs: Number, enums: String, defaults: true, oneofs: true };

const PROTO = fileURLToPath(new URL('../../protos/grpc_breaker/admin/v1/admin.proto', import.meta.url));

type Unary = (
  request: object,
  metadata: Grpc.Metadata,
  options: Grpc.CallOptions,
  callback: (error: Grpc.ServiceError | null, response: unknown) => void,
) => Grpc.ClientUnaryCall;

/**
 * Connects to an admin service, when it is first asked.
 * @throws CliError for options that make no sense
 */
export async function connect(options: ConnectionOptions, terminal: Terminal): Promise<AdminClient> {
  const timeoutMs = parseDuration(options.timeout);
  if (timeoutMs === undefined) {
    throw usageError(`--timeout ${options.timeout} is no duration`, 'give a number with its unit, such as 5s or 500ms');
  }
  const { grpc, loader } = await load();
  const { address } = options;
  const tls = isTls(options);
  const metadata = new grpc.Metadata();
  const token = bearerToken(options, terminal.env);
  if (token !== undefined) {
    if (!tls && !isLocal(address)) say(terminal, `warning: the token goes to ${address} unencrypted; use --tls`);
    metadata.set('authorization', `Bearer ${token}`);
  }
  metadata.set('x-grpc-breaker-user', userName(terminal.env));
  const definition = loader.loadSync(PROTO, MESSAGES)['grpc_breaker.admin.v1.Admin'] as unknown as Grpc.ServiceDefinition;
  const Client = grpc.makeGenericClientConstructor(definition, 'Admin');
  const client = new Client(address, channelCredentials(grpc, options), {
    ...(options.serverName === undefined ? {} : { 'grpc.ssl_target_name_override': options.serverName }),
    'grpc.max_receive_message_length': 64 * 1024 * 1024,
    // A server that comes back is seen soon, and one that went without a word, too.
    'grpc.initial_reconnect_backoff_ms': 250,
    'grpc.max_reconnect_backoff_ms': 2_000,
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 5_000,
  });
  const explain = (error: Grpc.ServiceError) => adminError(error, address, tls);
  return {
    address,
    explain,
    ask: <Response>(method: string, request: object = {}) =>
      new Promise<Response>((resolve, reject) => {
        const call = (client as unknown as Record<string, Unary>)[method] as Unary;
        call.call(client, request, metadata, { deadline: wallClockNow() + timeoutMs }, (error, response) => {
          if (error === null) resolve(response as Response);
          else reject(explain(error));
        });
      }),
    watch: (request) => {
      const watch = (client as unknown as Record<string, unknown>)['Watch'] as (
        request: object,
        metadata: Grpc.Metadata,
      ) => Grpc.ClientReadableStream<WireWatch>;
      return watch.call(client, request, metadata);
    },
    close: () => client.close(),
  };
}

/** Both are peers, and the second is optional: only those who use these commands need it. */
async function load(): Promise<{ grpc: typeof Grpc; loader: typeof ProtoLoader }> {
  try {
    const [grpc, loader] = await Promise.all([import('@grpc/grpc-js'), import('@grpc/proto-loader')]);
    return { grpc, loader };
  } catch (error) {
    const next = 'npm install @grpc/grpc-js @grpc/proto-loader';
    throw new CliError('this command needs the packages @grpc/grpc-js and @grpc/proto-loader', next, EXIT.FAILED, {
      cause: error,
    });
  }
}
