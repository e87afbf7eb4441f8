import type { ServerCredentials } from '@grpc/grpc-js';
import type { WarningHandler } from '../policy/ports.ts';
import type { Duration } from '../policy/units.ts';
import type { AuditRecord } from './audit.ts';

/** Bearer tokens, each under the name that the log calls it by. At least 16 characters each. */
export type Tokens = string | Readonly<Record<string, string>>;

/** Who may do what with the admin service and the dashboard. */
export interface AdminTokens {
  /** May look. @default none */
  read?: Tokens;
  /** May look, and change. @default none */
  write?: Tokens;
}

/** How the admin service is started. */
export interface AdminOptions {
  /** Where it listens: `host:port`, `[v6]:port` or `unix:/path`; port 0 for a free one. @default '127.0.0.1:7070' */
  address?: string;
  /**
   * Bearer tokens (`authorization: Bearer ...`). Where there is any, every call needs one, and a change one of `write`.
   * @default none: everyone who reaches the address may look
   */
  tokens?: AdminTokens;
  /** TLS, from `grpc.ServerCredentials.createSsl`. @default none, plaintext */
  credentials?: ServerCredentials;
  /**
   * Changes without a token. Only where there are no tokens. A client with a verified certificate (mutual TLS) may always change.
   * @default true on loopback and unix sockets, false elsewhere
   */
  writesWithoutToken?: boolean;
  /** How long an override or a mode lasts whose request has no expiry. @default '15m' */
  defaultExpiry?: Duration;
  /** The longest expiry. @default '24h' */
  maxExpiry?: Duration;
  /** At most so many watchers at a time. @default 200 */
  maxWatchers?: number;
  /** The health service `grpc.health.v1.Health`, which needs no token. Needs the package `grpc-health-check`. @default true where that is installed */
  health?: boolean;
  /** The reflection service, for grpcurl and the like. Needs the package `@grpc/reflection`. @default true where that is installed */
  reflection?: boolean;
  /** Hears each change that was asked for, also those that were refused. What it throws is a warning. @default none */
  onAudit?: (record: AuditRecord) => unknown;
  /** Hears what failed inside the admin service, and was kept away from the process. @default a process warning */
  onWarning?: WarningHandler;
}

/** A running admin service. */
export interface Admin {
  /** The port that it listens on; 0 for a unix socket. */
  readonly port: number;
  /** `host:port` for clients. */
  readonly address: string;
  /** Ends it: watchers get UNAVAILABLE, calls under way have a second to end. Never rejects. */
  close(): Promise<void>;
}
