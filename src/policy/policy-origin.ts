import type { Policy } from './policy.ts';

const origins = new WeakMap<Policy, string>();

/** Remembers what a policy is called, such as its file, for errors that are found later. */
export function rememberOrigin(policy: Policy, what: string): void {
  origins.set(policy, what);
}

/** What a policy is called in errors. */
export function originOf(policy: Policy): string {
  return origins.get(policy) ?? 'policy';
}
