import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import type { ConfigProblem } from '../core/errors.ts';
import type { ClientConfig } from '../policy/document-client.ts';
import type { FallbackClient } from '../policy/fallback-call-options.ts';

/** The clients of a document, and what is wrong with them. */
export interface MadeClients {
  readonly clients: Readonly<Record<string, FallbackClient>>;
  readonly problems: readonly ConfigProblem[];
  /** The clients by all that makes them what they are. */
  readonly known: ReadonlyMap<string, FallbackClient>;
}

/** What the client's credentials are made of: PEM, or nothing. */
interface Pem {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

const FILES = ['ca', 'cert', 'key'] as const;

/**
 * Makes the clients that documents bring. It outlives them: a client that a reload leaves as it was is the same one, with the same connection.
 * Certificates are read anew each time, so that a reload takes those that were renewed.
 */
export class DocumentClients {
  /** Those of the document that holds. */
  #known: ReadonlyMap<string, FallbackClient> = new Map();

  /**
   * @param configs - by name
   * @param folder - what files are relative to
   * @param registered - names that code has given to clients: a document cannot give them another meaning
   */
  make(configs: Readonly<Record<string, ClientConfig>>, folder: string, registered: readonly string[]): MadeClients {
    const problems: ConfigProblem[] = [];
    const known = new Map<string, FallbackClient>();
    const clients = Object.entries(configs).flatMap(([name, config]): [string, FallbackClient][] => {
      const path = `clients.${name}`;
      if (registered.includes(name)) {
        problems.push({ path, message: 'is the name of a client that code has registered; give it another name' });
        return [];
      }
      const pem = readFiles(config, folder, path, problems);
      const client = pem === undefined ? undefined : this.#client(config, pem, path, known, problems);
      return client === undefined ? [] : [[name, client]];
    });
    return { clients: Object.fromEntries(clients), problems, known };
  }

  /** The document holds that brought these; others are forgotten. */
  settle({ known }: MadeClients): void {
    this.#known = known;
  }

  #client(
    config: ClientConfig,
    pem: Pem,
    path: string,
    known: Map<string, FallbackClient>,
    problems: ConfigProblem[],
  ): FallbackClient | undefined {
    // Not what is secret itself: a digest of it.
    const files = FILES.map((file) => pem[file] && createHash('sha256').update(pem[file]).digest('base64'));
    const key = JSON.stringify([config, files]);
    try {
      const { target, options } = config;
      const client = this.#known.get(key) ?? known.get(key) ?? { target, credentials: credentialsOf(config, pem), options };
      known.set(key, client);
      return client;
    } catch (error) {
      problems.push({ path: `${path}.tls`, message: `${(error as Error).message}; expected PEM files that belong together` });
      return undefined;
    }
  }
}

function credentialsOf({ tls }: ClientConfig, { ca, cert, key }: Pem): ChannelCredentials {
  return tls === false ? credentials.createInsecure() : credentials.createSsl(ca ?? null, key ?? null, cert ?? null);
}

/** Undefined where one cannot be read. */
function readFiles({ tls }: ClientConfig, folder: string, path: string, problems: ConfigProblem[]): Pem | undefined {
  if (typeof tls === 'boolean') return {};
  const before = problems.length;
  const files = FILES.flatMap((name): [string, Buffer][] => {
    const file = tls[name];
    if (file === undefined) return [];
    try {
      return [[name, readFileSync(resolve(folder, file))]];
    } catch (error) {
      problems.push({ path: `${path}.tls.${name}`, message: `cannot be read: ${(error as Error).message}` });
      return [];
    }
  });
  return problems.length > before ? undefined : (Object.fromEntries(files) as Pem);
}
