import { dirname } from 'node:path';
import type { ConfigProblem } from '../core/errors.ts';
import { whereWritten, withoutRepeats } from './blame.ts';
import { Expansion } from './expand-methods.ts';
import type { Policy } from './policy-options.ts';

/** Where a policy comes from. */
export interface Origin {
  /** What it is called in errors, such as its file. */
  readonly what: string;
  /** Its file, undefined for a text from elsewhere. */
  readonly file: string | undefined;
  /** A problem with its line and column, as far as they are known. */
  readonly locate: (problem: ConfigProblem) => ConfigProblem;
}

const origins = new WeakMap<Policy, Origin>();

/** Remembers where a policy comes from, for what is found out about it later. */
export function rememberOrigin(policy: Policy, origin: Origin): void {
  origins.set(policy, origin);
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

/**
 * Problems that were found after a policy was read, such as a function that nobody registered: each where it was written, in the policy itself or in
 * the preset that brought it, and for a policy from a document with its line.
 * @param policy - the policy as it was loaded, not a copy of it
 */
export function withLines(policy: Policy, problems: readonly ConfigProblem[]): ConfigProblem[] {
  const written = withoutRepeats(whereWritten(new Expansion(policy).entries(), problems));
  const origin = origins.get(policy);
  return origin === undefined
    ? written
    : inOrder(written.map((problem) => (problem.line === undefined ? origin.locate(problem) : problem)));
}

/** Problems in the order of the document. */
export function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
