import { isDeepStrictEqual } from 'node:util';
import type { MethodName, Policy } from './policy.ts';
import { type DocumentNames, policyDocument } from './policy-document.ts';
import type { PolicyChange } from './policy-event.ts';

/** Longer lists of changes are cut: they are for people. */
const MOST_CHANGES = 200;

/** Stands for code in what people read. */
const inWords = (code: unknown): string =>
  typeof code === 'function' && code.name !== '' ? `(function ${code.name})` : '(code)';

/** What may be a secret is not shown to people who read events and logs. */
const SECRET = /cred|token|secret|passw|authorization/i;

/**
 * A policy as a document of its own, for people and to compare with: functions and clients by these names. A change of the policy's own objects does not
 * change it.
 */
export function documentInWords(policy: Policy, { functions, clients }: Omit<DocumentNames, 'otherwise'> = {}): Policy {
  return policyDocument(policy, { functions, clients, otherwise: inWords });
}

/** In what two documents differ. Entries of `methods` are compared with those that have the same `name`. */
export function policyChanges(before: Policy, after: Policy): PolicyChange[] {
  const changes: PolicyChange[] = [];
  compare({ ...before, methods: undefined }, { ...after, methods: undefined }, '', changes);
  compareMethods(before.methods ?? [], after.methods ?? [], changes);
  return changes.slice(0, MOST_CHANGES).map(({ path, from, to }) => {
    return SECRET.test(path) ? { path, from: hidden(from), to: hidden(to) } : { path, from: shown(from), to: shown(to) };
  });
}

function hidden(value: unknown): unknown {
  return value === undefined ? undefined : '(not shown)';
}

/** With what may be a secret in it hidden. */
function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, SECRET.test(key) ? hidden(inner) : shown(inner)]));
}

function compareMethods(before: readonly object[], after: readonly object[], changes: PolicyChange[]): void {
  const left = new Map(before.map((entry, index) => [identityOf(entry), { entry, index }]));
  after.forEach((entry, index) => {
    const path = `methods[${index}]`;
    const was = left.get(identityOf(entry));
    left.delete(identityOf(entry));
    if (was === undefined) changes.push({ path, from: undefined, to: entry });
    else compare(was.entry, entry, path, changes);
  });
  for (const { entry, index } of left.values()) changes.push({ path: `methods[${index}]`, from: entry, to: undefined });
}

/** What an entry of `methods` is for: entries may be moved about. */
function identityOf(entry: object): string {
  const { name = [{}], ...rest } = entry as { readonly name?: readonly MethodName[] };
  const kinds = 'openInference' in rest ? 'openInference' : '';
  return `${kinds} ${name
    .map(({ service = '', method = '' }) => `${service}/${method}`)
    .sort()
    .join(' ')}`;
}

function compare(before: unknown, after: unknown, path: string, changes: PolicyChange[]): void {
  if (isDeepStrictEqual(before, after)) return;
  if (!isPlain(before) || !isPlain(after)) {
    changes.push({ path, from: before, to: after });
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    compare(before[key], after[key], path === '' ? key : `${path}.${key}`, changes);
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
