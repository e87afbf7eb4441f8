import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where downloads and builds that tests need outlive a run; outside the repository. */
export function cacheDirectory(name: string): string {
  return join(process.env['GRPC_BREAKER_CACHE'] ?? join(homedir(), '.cache', 'grpc-breaker'), name);
}
