import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type * as Grpc from '@grpc/grpc-js';
import { CliError, usageError } from './cli-error.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { EXIT } from './exit-codes.ts';

/** Whether a connection is made by TLS: any option of TLS asks for it. */
export function isTls({ tls, ca, cert, key, serverName }: ConnectionOptions): boolean {
  if (tls === false) return false;
  return tls === true || [ca, cert, key, serverName].some((option) => option !== undefined);
}

/** Credentials of the channel. @throws CliError for a file that cannot be read, or one without the other */
export function channelCredentials(grpc: typeof Grpc, options: ConnectionOptions): Grpc.ChannelCredentials {
  if (!isTls(options)) return grpc.credentials.createInsecure();
  const { ca, cert, key } = options;
  if ((cert === undefined) !== (key === undefined)) throw usageError('--cert and --key belong together', 'give both, or neither');
  const read = (option: string, file: string | undefined) => (file === undefined ? null : readOptionFile(option, file));
  try {
    // grpc-js takes what is no certificate for no certificate.
    for (const file of [read('--ca', ca), read('--cert', cert)]) if (file !== null) checkCertificate(file);
    return grpc.credentials.createSsl(read('--ca', ca), read('--key', key), read('--cert', cert));
  } catch (error) {
    if (error instanceof CliError) throw error;
    const next = 'they must be PEM files, as -----BEGIN CERTIFICATE-----';
    throw new CliError(`the files for TLS cannot be used: ${(error as Error).message}`, next, EXIT.USAGE, { cause: error });
  }
}

/** @throws Error for what is no certificate */
function checkCertificate(pem: Buffer): X509Certificate {
  return new X509Certificate(pem);
}

/** The bearer token: of --token-file, else of GRPC_BREAKER_TOKEN; undefined without one. @throws CliError for a file that cannot be read, and for what is no token */
export function bearerToken(
  { tokenFile }: ConnectionOptions,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const [source, given] =
    tokenFile === undefined
      ? ['GRPC_BREAKER_TOKEN', env['GRPC_BREAKER_TOKEN'] ?? '']
      : [`--token-file ${tokenFile}`, readOptionFile('--token-file', tokenFile).toString('utf8')];
  // Secrets of Kubernetes and the output of commands often have a line break at their end.
  const token = given.trim();
  if (token === '' && given === '' && tokenFile === undefined) return undefined;
  if (token === '') throw usageError(`${source} is empty`, 'it must hold the token, and nothing else');
  // grpc-js tells a value that it cannot send, which would print the token.
  if (/[^\x21-\x7e]/.test(token)) {
    throw usageError(`${source} holds more than a token`, 'it must be one word of printable ASCII characters');
  }
  return token;
}

/** Who asks, for the server's log. It is not proven. */
export function userName(env: Readonly<Record<string, string | undefined>>): string {
  let name = env['GRPC_BREAKER_USER'] ?? env['USER'] ?? '';
  try {
    if (name === '') name = userInfo().username;
  } catch {
    // A container whose user has no name.
  }
  return name.replaceAll(/[^\x20-\x7e]/g, '?');
}

/** Whether an address leads to this machine only. */
export function isLocal(address: string): boolean {
  return /^(unix:|127(\.\d{1,3}){3}(:|$)|localhost(:|$)|\[::1\])/.test(address);
}

function readOptionFile(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw usageError(`${option} ${file} cannot be read: ${(error as Error).message}`, 'check the path and its permissions');
  }
}
