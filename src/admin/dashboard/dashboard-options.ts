import type { WarningHandler } from '../../policy/ports.ts';
import type { AuditRecord } from '../audit.ts';
import type { ExpiryOptions } from '../expiries.ts';
import type { AdminTokens } from '../token-options.ts';

/** What a page of the dashboard is served with, whoever starts it. */
export interface DashboardPageOptions {
  /** Where it listens: `host:port` or `[v6]:port`; port 0 for a free one. @default '127.0.0.1:7071' */
  address?: string;
  /** Certificate chain and private key, as PEM, to serve it by TLS. @default none, plaintext */
  tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** Where Jaeger's pages are, such as `http://127.0.0.1:16686`: trace ids link there. http or https only. @default none: ids without links */
  jaegerUrl?: string;
  /** Further host names that browsers may call it by, behind a proxy for instance. Addresses, `localhost` and the name it listens on always may. @default none */
  hosts?: readonly string[];
  /** At most so many pages at a time. @default 50 */
  maxPages?: number;
}

/** How the dashboard is started alone, without the admin service. */
export interface DashboardOptions extends DashboardPageOptions, ExpiryOptions {
  /** Bearer tokens. Where there is any, looking needs one. Changes need one of `write`. @default none: whoever reaches the address may look, nobody may change */
  tokens?: AdminTokens;
  /** Changes without a token, where there are no tokens. For tests and toys. @default false */
  writesWithoutToken?: boolean;
  /** Hears each change that was asked for, also those that were refused. What it throws is a warning. @default none */
  onAudit?: (record: AuditRecord) => unknown;
  /** Hears what failed inside the dashboard, and was kept away from the process. @default a process warning */
  onWarning?: WarningHandler;
}

/** A running dashboard. */
export interface Dashboard {
  /** The page, such as `http://127.0.0.1:7071/`. */
  readonly url: string;
  /** The port that it listens on. */
  readonly port: number;
  /** Ends it, with every page that looks. Never rejects. */
  close(): Promise<void>;
}
