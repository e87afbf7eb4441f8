import type { Clock } from '../core/clock.ts';
import type { Administered } from '../policy/administered.ts';
import type { WarningHandler } from '../policy/ports.ts';
import { Access } from './access.ts';
import type { Admin, AdminOptions } from './admin-options.ts';
import { adminService } from './admin-service.ts';
import type { AuditRecord } from './audit.ts';
import type { Dashboard } from './dashboard/dashboard-options.ts';
import { type DashboardParts, openDashboard } from './dashboard/open-dashboard.ts';
import { loadDefinitions, SERVICE } from './definitions.ts';
import { readExpiries } from './expiries.ts';
import { HandlerMaker } from './handlers.ts';
import { type ListenAddress, parseListenAddress } from './listen-address.ts';
import type { Later } from './paced-queue.ts';
import { healthPackage, protoLoader, reflectionPackage } from './packages.ts';
import { listen, makeServer } from './server.ts';
import { addHealth, addReflection } from './side-services.ts';
import { Steering } from './steering.ts';
import { WatchHub } from './watch-hub.ts';

/** What the entry gives to the room. */
export interface AdminSurroundings {
  readonly clock: Clock;
  readonly wallClockNow: () => number;
  readonly onWarning: WarningHandler;
  /** Tells the log of a change. */
  readonly log: (record: AuditRecord) => void;
}

/** Starts the service. @throws as `startAdmin` does */
export async function startService(breakers: Administered, options: AdminOptions, around: AdminSurroundings): Promise<Admin> {
  const { clock, wallClockNow, onWarning, log } = around;
  const { tokens = {}, maxWatchers = 200 } = options;
  const where = parseListenAddress(options.address ?? '127.0.0.1:7070');
  const access = new Access({ tokens, writesWithoutToken: options.writesWithoutToken ?? where.isLocal, clock, onWarning });
  checkGuarded(where, access, options);
  const audit = (record: AuditRecord): unknown => {
    try {
      log(record);
    } catch (error) {
      onWarning('a change could not be logged; it stands', error);
    }
    // A person's change may make no event, such as a longer override: watchers are told all the same.
    if (record.result === 'done' && record.breaker !== '') hub.touch(record.breaker);
    return options.onAudit?.(record);
  };
  const expiry = readExpiries(options);
  const loader = protoLoader();
  const definitions = loadDefinitions(loader);
  const health = healthPackage(options.health);
  const reflection = reflectionPackage(options.reflection);

  const steering = new Steering({ breakers, expiry, wallClockNow, audit, onWarning });
  const encode = definitions.encodeWatch;
  const hub = new WatchHub({ breakers, encode, clock, wallClockNow, later, maxWatchers, onWarning });
  const make = new HandlerMaker(access, onWarning);
  const server = makeServer(maxWatchers);
  server.addService(definitions.service, adminService({ breakers, steering, hub, definitions, clock, make }));
  const stopHealth = health === undefined ? undefined : addHealth(server, health, SERVICE);
  const described = health === undefined ? [definitions.all] : [definitions.all, loader.loadSync(health.protoPath)];
  if (reflection !== undefined) addReflection(server, reflection, described, make);
  const ends: (() => unknown)[] = [() => stopHealth?.(), () => hub.close()];
  const close = async (): Promise<void> => {
    await Promise.all(ends.splice(0).map((end) => end()));
  };
  try {
    const listening = await listen(server, where, options.credentials);
    ends.push(() => listening.close());
    const dashboard = await dashboardOf(options, { breakers, access, steering, clock, wallClockNow, onWarning });
    if (dashboard !== undefined) ends.push(() => dashboard.close());
    const told = dashboard === undefined ? undefined : { url: dashboard.url, port: dashboard.port };
    return { port: listening.port, address: shown(where, listening.port), dashboard: told, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function dashboardOf({ dashboard }: AdminOptions, parts: DashboardParts): Promise<Dashboard | undefined> {
  if (dashboard === undefined || dashboard === false) return undefined;
  return openDashboard(parts, dashboard === true ? {} : dashboard);
}

/** @throws Error for an address that others reach, without anything that keeps them out */
function checkGuarded({ isLocal }: ListenAddress, { needsToken }: Access, { address, credentials }: AdminOptions): void {
  // Insecure credentials are plaintext.
  if (isLocal || needsToken || credentials?._isSecure() === true) return;
  throw new Error(
    `the admin service does not listen on ${address}, which other machines reach, without protection: give it TLS ` +
      "(credentials: ServerCredentials.createSsl(...)) or bearer tokens (tokens: { write: '...' }), or listen on 127.0.0.1",
  );
}

const later: Later = (ms, run) => {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
};

function shown({ listen: where }: ListenAddress, port: number): string {
  if ('path' in where) return `unix:${where.path}`;
  return where.host.includes(':') ? `[${where.host}]:${port}` : `${where.host}:${port}`;
}
