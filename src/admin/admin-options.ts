import type { ServerCredentials } from '@grpc/grpc-js';
import type { WarningHandler } from '../policy/ports.ts';
import type { AuditRecord } from './audit.ts';
import type { DashboardPageOptions } from './dashboard/dashboard-options.ts';
import type { ExpiryOptions } from './expiries.ts';
import type { AdminTokens } from './token-options.ts';

/** How the admin service is started. */
export interface AdminOptions extends ExpiryOptions {
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
  /** At most so many watchers at a time. @default 200 */
  maxWatchers?: number;
  /** The health service `grpc.health.v1.Health`, which needs no token. Needs the package `grpc-health-check`. @default true where that is installed */
  health?: boolean;
  /** The reflection service, for grpcurl and the like. Needs the package `@grpc/reflection`. @default true where that is installed */
  reflection?: boolean;
  /**
   * The dashboard, on a port of its own, with the same tokens and the same audit. Without tokens, nobody may change anything with it: a browser is
   * everybody's. True for its defaults. @default false
   */
  dashboard?: DashboardPageOptions | boolean;
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
  /** The dashboard; undefined without one. */
  readonly dashboard: { readonly url: string; readonly port: number } | undefined;
  /** Ends it: watchers get UNAVAILABLE, calls under way have a second to end. Never rejects. */
  close(): Promise<void>;
}
