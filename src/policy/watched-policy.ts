import type { ConfigProblem } from '../core/errors.ts';
import type { Policy } from './policy.ts';

/** Hears what becomes of a watched policy. */
export interface WatchedPolicyListener {
  /** Its file holds another policy, which is good. */
  changed(policy: Policy): void;
  /** Its file cannot be read, or what it holds is no policy: the one before it holds. Told once for each content. */
  refused(problems: readonly ConfigProblem[]): void;
}

/** A policy whose file is watched. Made by `watchPolicy`. */
export interface WatchedPolicy {
  /** The file. */
  readonly file: string;
  /** The policy in it, as it was read last; while what it holds is none, the one before that. */
  readonly policy: Policy;
  /**
   * Hears of changes from now on, and why what stands in the file now is refused, if it is. The returned function ends it. The file is watched as long as
   * somebody hears.
   */
  subscribe(listener: WatchedPolicyListener): () => void;
  /** Ends the watching for good, whoever hears. */
  close(): void;
}

/** Tells a watched policy from a policy, which has no functions at its top. */
export function isWatchedPolicy(value: object): value is WatchedPolicy {
  return typeof (value as Partial<WatchedPolicy>).subscribe === 'function';
}
