import type { Breakers, BreakersOptions } from './breakers.ts';
import type { Policy } from './policy/policy.ts';
import type { WatchedPolicy } from './policy/watched-policy.ts';
import { wireBreakers } from './wire-breakers.ts';

/**
 * Makes the breakers of a policy.
 * @param given - the policy, in code or from `loadPolicy`; from `watchPolicy`, it is reloaded when its file changes
 * @param options - services, telemetry and the like
 * @throws ConfigError with every problem in the policy; nothing is half applied
 */
export function createBreakers(given: Policy | WatchedPolicy = {}, options: BreakersOptions = {}): Breakers {
  return wireBreakers(given, options).breakers;
}
