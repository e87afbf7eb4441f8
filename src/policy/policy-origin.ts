import { dirname } from 'node:path';
import type { Policy } from './policy.ts';

const origins = new WeakMap<Policy, { readonly what: string; readonly file: string }>();

/** Remembers the file of a policy, and what it is called in errors that are found later. */
export function rememberOrigin(policy: Policy, what: string, file: string): void {
  origins.set(policy, { what, file });
}

/** What a policy is called in errors. */
export function originOf(policy: Policy): string {
  return origins.get(policy)?.what ?? 'policy';
}

/** What the files that a policy names are relative to: its own folder, or for policies in code the working directory. */
export function folderOf(policy: Policy): string {
  const file = origins.get(policy)?.file;
  return file === undefined ? '.' : dirname(file);
}
