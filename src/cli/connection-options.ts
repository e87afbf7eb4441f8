import type { Argv } from 'yargs';

/** How the admin service is reached. */
export interface ConnectionOptions {
  /** `host:port`, `[v6]:port` or `unix:/path`. */
  readonly address: string;
  readonly tls?: boolean | undefined;
  /** PEM file. */
  readonly ca?: string | undefined;
  /** PEM file. */
  readonly cert?: string | undefined;
  /** PEM file. */
  readonly key?: string | undefined;
  readonly serverName?: string | undefined;
  readonly tokenFile?: string | undefined;
  /** How long an answer may take, as a duration. */
  readonly timeout: string;
}

/** Where the admin service listens unless told otherwise. */
const DEFAULT_ADDRESS = '127.0.0.1:7070';

const GROUP = 'Connection:';

/** Adds the options of a command that asks the admin service. */
export function withConnection<T>(parser: Argv<T>): Argv<T & ConnectionOptions> {
  return parser
    .option('address', {
      alias: 'a',
      type: 'string',
      group: GROUP,
      requiresArg: true,
      default: process.env['GRPC_BREAKER_ADDRESS'] ?? DEFAULT_ADDRESS,
      defaultDescription: `GRPC_BREAKER_ADDRESS, else ${DEFAULT_ADDRESS}`,
      describe: 'HOST:PORT (or unix:PATH) of the admin service',
    })
    .option('tls', { type: 'boolean', group: GROUP, describe: 'Connect by TLS' })
    .option('ca', {
      type: 'string',
      group: GROUP,
      requiresArg: true,
      describe: 'PEM file of the authority to trust; means --tls',
    })
    .option('cert', { type: 'string', group: GROUP, requiresArg: true, describe: 'PEM file of a client certificate, with --key' })
    .option('key', { type: 'string', group: GROUP, requiresArg: true, describe: 'PEM file of its private key' })
    .option('server-name', {
      type: 'string',
      group: GROUP,
      requiresArg: true,
      describe: 'The name that the certificate of the server is for, where it is another than in --address',
    })
    .option('token-file', {
      type: 'string',
      group: GROUP,
      requiresArg: true,
      describe: 'File with the bearer token; else GRPC_BREAKER_TOKEN is taken',
    })
    .option('timeout', {
      type: 'string',
      group: GROUP,
      requiresArg: true,
      default: '5s',
      describe: 'How long an answer may take',
    });
}
