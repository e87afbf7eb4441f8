import type { KeySpec } from '../policy/key-spec.ts';
import type { MethodPolicy } from '../policy/policy.ts';
import type { BreakerEntry } from '../policy/registry.ts';
import { type BreakerLine, NO_DEADLINE, type PolicyLine } from './format.ts';

/** A breaker and a method that calls it, as calls name them. */
export interface Known {
  readonly id: number;
  readonly policy: MethodPolicy;
  /** What calls have left that say nothing else, in microseconds, or NO_DEADLINE. */
  readonly deadlineUs: number;
  readonly line: string;
  /** The file in which its line stands last. */
  part: number;
}

/** What is written of policies and breakers before the first call that names them, in each file. */
export class Dictionary {
  readonly #breakers = new WeakMap<BreakerEntry, Map<string, Known>>();
  readonly #policies = new WeakMap<MethodPolicy, { readonly id: number; readonly line: string; part: number }>();
  /** Mostly the next call is one of the same breaker. */
  #lastEntry: BreakerEntry | undefined;
  #lastMethod = '';
  #last: Known | undefined;
  #nextBreaker = 0;
  #nextPolicy = 0;

  /** What a call's breaker is known by. */
  find(entry: BreakerEntry, method: string, isStream: boolean, deadlineUs: number): Known {
    const last = this.#last;
    if (entry === this.#lastEntry && method === this.#lastMethod && last?.policy === entry.policy) return last;
    let byMethod = this.#breakers.get(entry);
    if (byMethod === undefined) this.#breakers.set(entry, (byMethod = new Map<string, Known>()));
    let known = byMethod.get(method);
    // A reload may bring another policy.
    if (known === undefined || known.policy !== entry.policy) {
      known = this.#add(entry, method, isStream, deadlineUs);
      byMethod.set(method, known);
    }
    this.#lastEntry = entry;
    this.#lastMethod = method;
    this.#last = known;
    return known;
  }

  /** Sees to it that the lines of a breaker stand in a file. False where `write` finds no room. */
  introduce(known: Known, part: number, write: (line: string) => boolean): boolean {
    const policy = this.#policyOf(known.policy);
    if (policy.part !== part && !write(policy.line)) return false;
    policy.part = part;
    if (!write(known.line)) return false;
    known.part = part;
    return true;
  }

  #add(entry: BreakerEntry, method: string, isStream: boolean, deadlineUs: number): Known {
    const { breaker, target, key, policy } = entry;
    const id = this.#nextBreaker++;
    const line: BreakerLine = {
      breaker: id,
      name: breaker.name,
      target,
      method,
      key,
      policy: this.#policyOf(policy).id,
      ...(isStream && { stream: true as const }),
      deadline: deadlineUs === NO_DEADLINE ? null : deadlineUs,
    };
    return { id, policy, deadlineUs, line: JSON.stringify(line), part: -1 };
  }

  #policyOf(policy: MethodPolicy): { readonly id: number; readonly line: string; part: number } {
    let known = this.#policies.get(policy);
    if (known === undefined) {
      const id = this.#nextPolicy++;
      const line: PolicyLine = { policy: id, path: policy.path, key: keyParts(policy.key), breaker: policy.breaker };
      known = { id, line: JSON.stringify(line), part: -1 };
      this.#policies.set(policy, known);
    }
    return known;
  }
}

/** A key as documents have it; null where code makes it. */
export function keyParts(key: KeySpec): string[] | null {
  if (key.function !== undefined) return null;
  const values = key.values.map((part) =>
    part.from === 'metadata' ? `metadata.${part.key}` : `request.${part.path.join('.')}${part.isOptional ? '?' : ''}`,
  );
  return [...(key.target ? ['target'] : []), ...(key.method ? ['method'] : []), ...values];
}
