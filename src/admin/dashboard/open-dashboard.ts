import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import type { Administered } from '../../policy/administered.ts';
import type { WarningHandler } from '../../policy/ports.ts';
import type { Access } from '../access.ts';
import { parseListenAddress } from '../listen-address.ts';
import type { Steering } from '../steering.ts';
import type { Dashboard, DashboardPageOptions } from './dashboard-options.ts';
import { dashboardListener } from './dashboard-server.ts';
import { Observatory } from './observatory.ts';
import { readPageFiles } from './page-files.ts';
import { type Later, PageHub } from './page-hub.ts';

/** What the dashboard shares with the admin service. */
export interface DashboardParts {
  readonly breakers: Administered;
  readonly access: Access;
  readonly steering: Steering;
  readonly clock: Clock;
  readonly wallClockNow: () => number;
  readonly onWarning: WarningHandler;
  /** Sets timers. @default the process's, which do not keep it alive */
  readonly later?: Later;
}

/** Pages, and what they ask for meanwhile. */
const CONNECTIONS_PER_PAGE = 6;

/**
 * Serves the dashboard with what the admin service has: the same tokens, steering and audit.
 * @throws Error for an address that others reach without protection or that cannot be had; TypeError for other options that cannot be used
 */
export async function openDashboard(
  parts: DashboardParts,
  options: DashboardPageOptions & { readonly writesWithoutToken?: boolean | undefined } = {},
): Promise<Dashboard> {
  const { breakers, access, steering, clock, wallClockNow, onWarning, later = onTimer } = parts;
  const address = options.address ?? '127.0.0.1:7071';
  const { listen, isLocal } = parseListenAddress(address);
  if ('path' in listen) throw new TypeError('the dashboard listens on host:port: browsers know no unix sockets');
  if (!isLocal && !access.needsToken && options.tls === undefined) {
    throw new Error(
      `the dashboard does not listen on ${address}, which other machines reach, without protection: give it TLS ` +
        "(tls: { cert, key }) or bearer tokens (tokens: { read: '...', write: '...' }), or listen on 127.0.0.1",
    );
  }
  const jaegerUrl = jaegerUrlOf(options.jaegerUrl);
  const maxPages = options.maxPages ?? 50;
  const files = readPageFiles();
  const observatory = new Observatory(breakers, clock, wallClockNow);
  const hub = new PageHub({ observatory, later, maxPages, onWarning });
  const listener = dashboardListener({
    ...{ access, steering, observatory, hub, files, jaegerUrl, onWarning },
    hosts: [listen.host, ...(options.hosts ?? [])],
    writesWithoutToken: options.writesWithoutToken ?? false,
  });
  const server = options.tls === undefined ? createServer(listener) : createTlsServer({ ...options.tls }, listener);
  server.maxConnections = maxPages * CONNECTIONS_PER_PAGE + 50;
  // A request is small and comes at once.
  server.requestTimeout = 10_000;
  server.headersTimeout = 10_000;
  const close = async (): Promise<void> => {
    hub.close();
    observatory.close();
    await ended(server);
  };
  try {
    await listening(server, listen);
  } catch (error) {
    await close();
    throw error;
  }
  // Neither the dashboard nor a page that looks keeps the process alive.
  server.unref();
  server.on('connection', (socket) => socket.unref());
  const { port } = server.address() as AddressInfo;
  return { url: `${options.tls === undefined ? 'http' : 'https'}://${shownHost(listen.host)}:${port}/`, port, close };
}

function jaegerUrlOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new TypeError(`jaegerUrl "${given}" is no http or https URL; expected one such as http://127.0.0.1:16686`);
  }
  return url.href.replace(/\/+$/, '');
}

/** An address that means all of them cannot be called. */
function shownHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

function listening(server: Server, where: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const hint = error.code === 'EADDRINUSE' ? '; another process has it, choose another port, or 0 for a free one' : '';
      reject(new Error(`the dashboard cannot listen on ${where.host}:${where.port}: ${error.message}${hint}`, { cause: error }));
    });
    server.listen(where, () => {
      server.removeAllListeners('error').on('error', () => {});
      resolve();
    });
  });
}

function ended(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

const onTimer: Later = (ms, run) => {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
};
