import { Breaker } from '../core/breaker.ts';
import type { BreakerDependencies } from '../core/dependencies.ts';
import type { MethodPolicy } from './policy.ts';

/** The name that breakers beyond the bound share, as OpenTelemetry calls its overflow. */
const OVERFLOW = '_OTHER';

/** How many breakers are looked at for an idle one when there is no room: bounded, so that hostile keys cost little. */
const EVICTION_STEPS = 64;

/** A breaker and what it protects. */
export interface BreakerEntry {
  readonly breaker: Breaker;
  readonly policy: MethodPolicy;
  /** The target that the client was attached with. */
  readonly target: string;
  /** `pkg.Service/Method` of the call that made it. */
  readonly method: string;
  /** Fallback answers by the name of their source. */
  readonly fallbacks: Map<string, number>;
  /** Deadlines ignored as this process's own stalls since the dependency last answered. */
  stallsIgnored: number;
  /** It is an `_OTHER`, shared by keys beyond the bound. */
  readonly isOverflow: boolean;
  /** Out of the registry: look its key up again. */
  evicted: boolean;
  /** Used since the eviction hand last came by. */
  recentlyUsed: boolean;
}

/** Keeps the breakers of one policy by their key, bounded in number. */
export class BreakerRegistry {
  readonly #entries = new Map<string, BreakerEntry>();
  readonly #overflow = new Map<MethodPolicy, BreakerEntry>();
  readonly #capacity: number;
  readonly #dependencies: BreakerDependencies;

  /**
   * @param maxBreakers - at most so many breakers, `_OTHER` ones included
   * @param policies - how many policies there are: each may need an `_OTHER`
   * @param dependencies - what breakers are made with
   */
  constructor(maxBreakers: number, policies: number, dependencies: BreakerDependencies) {
    this.#capacity = Math.max(1, maxBreakers - policies);
    this.#dependencies = dependencies;
  }

  /** The entry of a key, made when there is none. Beyond the bound, an idle one makes room; where none is idle, it is `_OTHER` of the policy. */
  acquire(key: string, policy: MethodPolicy, target: string, method: string): BreakerEntry {
    const name = this.#nameFor(key, policy);
    const known = this.#entries.get(name);
    if (known !== undefined) {
      known.recentlyUsed = true;
      return known;
    }
    if (this.#entries.size >= this.#capacity && !this.#evictIdle()) return this.#overflowOf(policy, target, method);
    const entry = this.#create(name, policy, target, method);
    this.#entries.set(name, entry);
    return entry;
  }

  /** The entry of a name, or undefined. */
  get(name: string): BreakerEntry | undefined {
    return this.#entries.get(name) ?? [...this.#overflow.values()].find(({ breaker }) => breaker.name === name);
  }

  /** Every entry there is. */
  *list(): Iterable<BreakerEntry> {
    yield* this.#entries.values();
    yield* this.#overflow.values();
  }

  /** Two policies may make the same key, for instance `[target]`; their breakers stay apart. */
  #nameFor(key: string, policy: MethodPolicy): string {
    const known = this.#entries.get(key);
    return known === undefined || known.policy === policy ? key : `${key}#${policy.path}`;
  }

  #create(name: string, policy: MethodPolicy, target: string, method: string, isOverflow = false): BreakerEntry {
    const breaker = new Breaker(name, policy.breaker, this.#dependencies);
    const fallbacks = new Map<string, number>();
    return { breaker, policy, target, method, fallbacks, isOverflow, stallsIgnored: 0, evicted: false, recentlyUsed: true };
  }

  #overflowOf(policy: MethodPolicy, target: string, method: string): BreakerEntry {
    let entry = this.#overflow.get(policy);
    if (entry === undefined) {
      entry = this.#create(this.#overflow.size === 0 ? OVERFLOW : `${OVERFLOW}#${policy.path}`, policy, target, method, true);
      this.#overflow.set(policy, entry);
    }
    return entry;
  }

  /** The clock algorithm (second chance): oldest first, what was used lately goes to the back once. */
  #evictIdle(): boolean {
    let steps = EVICTION_STEPS;
    for (const [name, entry] of this.#entries) {
      if (steps-- === 0) return false;
      this.#entries.delete(name);
      if (entry.breaker.isIdle && !entry.recentlyUsed) {
        entry.evicted = true;
        return true;
      }
      entry.recentlyUsed = false;
      this.#entries.set(name, entry);
    }
    return false;
  }
}
