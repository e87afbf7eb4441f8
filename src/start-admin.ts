import type { Admin, AdminOptions } from './admin/admin-options.ts';
import { type Environment, optionsFromEnvironment } from './admin/environment.ts';
import { startService } from './admin/start.ts';
import type { Administered } from './policy/administered.ts';
import type { WarningHandler } from './policy/ports.ts';
import { systemClock, wallClockNow } from './system-clock.ts';
import { logChange } from './telemetry/audit-log.ts';
import { safely, warn } from './warn.ts';

/**
 * Starts the admin service of breakers: a gRPC server in this process, for those on call. It listens on loopback, unless it is told otherwise; any other
 * address needs TLS or bearer tokens. It does not keep the process alive.
 *
 * @example
 * const admin = await startAdmin(breakers, { address: '127.0.0.1:7070' });
 *
 * @param breakers - of `createBreakers`
 * @param options - address, tokens and the like
 * @throws (as a rejection) Error where the address needs protection or cannot be had, or a package is missing; TypeError for other options that cannot be used
 */
export async function startAdmin(breakers: Administered, options: AdminOptions = {}): Promise<Admin> {
  const onWarning = safely(options.onWarning ?? warn);
  return startService(breakers, options, { clock: systemClock, wallClockNow, onWarning, log: logChange });
}

/**
 * Starts the admin service as environment variables say: `GRPC_BREAKER_ADMIN` (the address), `GRPC_BREAKER_ADMIN_READ_TOKEN`,
 * `GRPC_BREAKER_ADMIN_WRITE_TOKEN`, `GRPC_BREAKER_ADMIN_DASHBOARD` (the dashboard's address). For processes that are protected without code. Never rejects: what is wrong is a warning.
 * @param breakers - what to administer
 * @param environment - such as `process.env`
 * @param onWarning - hears what is wrong
 * @returns undefined where `GRPC_BREAKER_ADMIN` is not set, or the service could not be started
 */
export async function startAdminFromEnvironment(
  breakers: Administered,
  environment: Environment,
  onWarning: WarningHandler = warn,
): Promise<Admin | undefined> {
  const told = safely(onWarning);
  try {
    const options = optionsFromEnvironment(environment);
    return options === undefined ? undefined : await startAdmin(breakers, { ...options, onWarning: told });
  } catch (error) {
    told(`the admin service of GRPC_BREAKER_ADMIN was not started: ${(error as Error).message}`, error);
    return undefined;
  }
}
