import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A real service that tests run against, or a tool that files are checked with; `test/services/install/<name>.sh` installs it. */
export type ServiceName = 'mlserver' | 'triton' | 'jaeger' | 'prometheus' | 'promtool' | 'dashcheck' | 'grpcurl' | 'chromium';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the install script puts a service. */
export function serviceDirectory(name: ServiceName, env: Environment = process.env): string {
  const cache = env['GRPC_BREAKER_CACHE'] ?? join(homedir(), '.cache', 'grpc-breaker');
  return join(cache, 'services', name);
}

/**
 * Whether a service is installed. Where it is not, its tests are skipped with a loud line on a person's machine, and fail
 * where nobody would read that line: with `CI=true` or `GRPC_BREAKER_REQUIRE_SERVICES=1`.
 * @throws when it is missing and required
 */
export function serviceAvailable(
  name: ServiceName,
  env: Environment = process.env,
  warn: (line: string) => void = console.warn,
): boolean {
  const directory = serviceDirectory(name, env);
  if (existsSync(join(directory, '.version'))) return true;
  const line = `${name} is not installed in ${directory}; install it with: test/services/install/${name}.sh`;
  if (env['CI'] === 'true' || env['GRPC_BREAKER_REQUIRE_SERVICES'] === '1') throw new Error(line);
  warn(`\n*** SKIPPED, NOT TESTED: ${line} ***\n`);
  return false;
}
