import { isDeepStrictEqual } from 'node:util';
import type { Breaker } from '../core/breaker.ts';
import type { BreakerDependencies } from '../core/dependencies.ts';
import { Engine } from '../core/engine.ts';
import type { BreakerConfig } from '../core/options.ts';
import type { IgnoredCause } from './ignored-cause.ts';
import { isSameKey } from './key-spec.ts';
import type { MethodPolicy } from './policy.ts';
import type { SkipReason } from './skip-reason.ts';
import type { WatchedCall } from './watched-call.ts';

/** The name that breakers beyond the bound share, as OpenTelemetry calls its overflow. */
const OVERFLOW = '_OTHER';

/** How many breakers are looked at for an idle one when there is no room: bounded, so that hostile keys cost little. */
const EVICTION_STEPS = 64;

/** Of all breakers without a fallback: a map each would be a seventh of their memory. */
const NO_FALLBACKS = new Map<string, number>();

/** Shared by all that have passed over none. */
const NONE_SKIPPED: ReadonlyMap<string, Readonly<Record<SkipReason, number>>> = new Map<string, Record<SkipReason, number>>();

/** Of all breakers that have ignored nothing yet. */
const NONE_IGNORED: ReadonlyMap<IgnoredCause, number> = new Map<IgnoredCause, number>();

/** A breaker and what it protects. */
export interface BreakerEntry {
  readonly breaker: Breaker;
  /** What tells it from others of its policy. */
  readonly key: string;
  /** The policy that holds for it. A reload may bring another one. Only the registry writes it. */
  policy: MethodPolicy;
  /** The target that the client was attached with. */
  readonly target: string;
  /** `pkg.Service/Method` of the call that made it. */
  readonly method: string;
  /** Fallback answers by the name of their source. Not to be written to where the policy has no fallback. */
  fallbacks: Map<string, number>;
  /** Sources that were asked and passed over, by name and why. Written by {@link countSkip} alone. */
  skips: ReadonlyMap<string, Readonly<Record<SkipReason, number>>>;
  /** Ended calls that said nothing of the dependency, by cause. Written by {@link countIgnored} alone. */
  ignored: ReadonlyMap<IgnoredCause, number>;
  /** The list of its calls under way that are watched, in the order in which they were asked. Only src/grpc/in-flight.ts writes it. */
  oldestCall: WatchedCall | undefined;
  /** Its other end. */
  newestCall: WatchedCall | undefined;
  /** The tick looks at that list. */
  isWatched: boolean;
  /** Deadlines ignored as this process's own stalls since the dependency last answered. */
  stallsIgnored: number;
  /** It is an `_OTHER`, shared by keys beyond the bound. */
  readonly isOverflow: boolean;
  /** Out of the registry: look its key up again. */
  evicted: boolean;
  /** Used since the eviction hand last came by. */
  recentlyUsed: boolean;
}

/** Counts a call that says nothing of its dependency. */
export function countIgnored(entry: BreakerEntry, cause: IgnoredCause): void {
  const { ignored } = entry;
  const own = ignored === NONE_IGNORED ? new Map<IgnoredCause, number>() : (ignored as Map<IgnoredCause, number>);
  own.set(cause, (own.get(cause) ?? 0) + 1);
  entry.ignored = own;
}

/** Counts a source that was asked for an answer, and passed over. */
export function countSkip(entry: BreakerEntry, source: string, why: SkipReason): void {
  const own =
    entry.skips === NONE_SKIPPED
      ? new Map<string, Record<SkipReason, number>>()
      : (entry.skips as Map<string, Record<SkipReason, number>>);
  const counts = own.get(source) ?? { failed: 0, timeout: 0, empty: 0, tooOld: 0 };
  counts[why]++;
  own.set(source, counts);
  entry.skips = own;
}

/** Finds the policy of a method, `pkg.Service/Method`. */
export type PolicyFinder = (method: string) => MethodPolicy | undefined;

/** How breakers of one policy go on under another one. */
interface Succession {
  /** Undefined where they end: nothing is for their method, it is off, or keys are made otherwise. */
  readonly policy: MethodPolicy | undefined;
  /** Undefined where it is as it was. */
  readonly config: BreakerConfig | undefined;
}

function successionOf(before: MethodPolicy, now: MethodPolicy | undefined): Succession {
  if (now === undefined || now === before) return { policy: now, config: undefined };
  if (now.breaker.mode === 'off' || !isSameKey(before.key, now.key)) return { policy: undefined, config: undefined };
  return { policy: now, config: isDeepStrictEqual(before.breaker, now.breaker) ? undefined : now.breaker };
}

/** Successions by both policies: there are few policies, and many breakers. */
class Successions {
  readonly #known = new Map<MethodPolicy, Map<MethodPolicy | undefined, Succession>>();

  of(before: MethodPolicy, now: MethodPolicy | undefined): Succession {
    const known = this.#known.get(before) ?? new Map<MethodPolicy | undefined, Succession>();
    this.#known.set(before, known);
    const succession = known.get(now) ?? successionOf(before, now);
    known.set(now, succession);
    return succession;
  }
}

/** The policy that is for the same methods, where their calls share breakers: which of them made one is chance. */
function sharedBy({ key, names }: MethodPolicy, policies: readonly MethodPolicy[]): MethodPolicy | undefined {
  if (key.function === undefined && key.method) return undefined;
  return policies.find((policy) => isDeepStrictEqual(policy.names, names) && isSameKey(policy.key, key));
}

function goOn(entry: BreakerEntry, policy: MethodPolicy, config: BreakerConfig | undefined): void {
  entry.policy = policy;
  if (policy.fallback !== undefined && entry.fallbacks === NO_FALLBACKS) entry.fallbacks = new Map();
  if (config !== undefined) entry.breaker.reconfigure(config);
}

/** Keeps the breakers of one policy by their key, bounded in number. */
export class BreakerRegistry {
  /** By name. */
  readonly #entries = new Map<string, BreakerEntry>();
  #byKey = new Map<MethodPolicy, Map<string, BreakerEntry>>();
  #overflow = new Map<MethodPolicy, BreakerEntry>();
  /** Finds the policy of a method, since there was another policy before it. */
  #findPolicy: PolicyFinder | undefined;
  #hand: Iterator<BreakerEntry, undefined> = this.#entries.values();
  #capacity: number;
  readonly #dependencies: BreakerDependencies;

  /**
   * @param maxBreakers - at most so many breakers, besides an `_OTHER` for each policy
   * @param dependencies - what breakers are made with
   */
  constructor(maxBreakers: number, dependencies: BreakerDependencies) {
    this.#capacity = maxBreakers;
    this.#dependencies = dependencies;
  }

  /** The entry of a key, made when there is none. Beyond the bound, an idle one makes room; where none is idle, it is `_OTHER` of the policy. */
  acquire(key: string, policy: MethodPolicy, target: string, method: string): BreakerEntry {
    const known = this.#byKey.get(policy)?.get(key);
    if (known !== undefined) {
      known.recentlyUsed = true;
      return known;
    }
    // A call that began before a reload asks for the breaker of a policy that is gone.
    const current = this.#findPolicy === undefined ? policy : successionOf(policy, this.#findPolicy(method)).policy;
    if (current === undefined) return { ...this.#create(key, key, policy, target, method), evicted: true };
    if (current !== policy) return this.acquire(key, current, target, method);
    if (this.#entries.size >= this.#capacity && !this.#evictIdle()) return this.#overflowOf(policy, target, method);
    // There may be fewer since a reload.
    if (this.#entries.size >= this.#capacity) this.#evictIdle();
    const entry = this.#create(this.#freeName(key, policy), key, policy, target, method);
    this.#entries.set(entry.breaker.name, entry);
    const keys = this.#byKey.get(policy) ?? new Map<string, BreakerEntry>();
    this.#byKey.set(policy, keys.set(key, entry));
    return entry;
  }

  /**
   * Goes over to another policy. Breakers whose method has a policy with the same key go on with its options; the others end, closed, and are known
   * no more.
   */
  adopt(
    find: PolicyFinder,
    maxBreakers: number,
    policies: readonly MethodPolicy[] = [],
  ): { readonly kept: number; readonly ended: number } {
    const entries = [...this.list()];
    const successions = new Successions();
    const byKey = new Map<MethodPolicy, Map<string, BreakerEntry>>();
    const overflow = new Map<MethodPolicy, BreakerEntry>();
    const ended = entries.filter((entry) => {
      const { policy, config } = successions.of(entry.policy, sharedBy(entry.policy, policies) ?? find(entry.method));
      if (policy === undefined) return true;
      const keys = byKey.get(policy) ?? new Map<string, BreakerEntry>();
      // Two policies of before may be one now, and have the same key: the first one goes on.
      if (entry.isOverflow ? overflow.has(policy) : keys.has(entry.key)) return true;
      if (entry.isOverflow) overflow.set(policy, entry);
      else byKey.set(policy, keys.set(entry.key, entry));
      goOn(entry, policy, config);
      return false;
    });
    for (const { breaker } of ended) breaker.reset('no policy is for it any more');
    for (const entry of ended) {
      entry.evicted = true;
      this.#entries.delete(entry.breaker.name);
    }
    this.#byKey = byKey;
    this.#overflow = overflow;
    this.#findPolicy = find;
    this.#capacity = maxBreakers;
    this.#shrink();
    return { kept: entries.length - ended.length, ended: ended.length };
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

  /** Goes round until no more than may be are left, or none that may go: twice, as the first time spares what was used. */
  #shrink(): void {
    for (let tries = Math.ceil((2 * this.#entries.size) / EVICTION_STEPS); this.#entries.size > this.#capacity && tries > 0; ) {
      if (!this.#evictIdle()) tries--;
    }
  }

  /** A key function may make another policy's key, or `_OTHER`: names stay apart all the same. */
  #freeName(key: string, policy: MethodPolicy): string {
    let name = key + policy.keySuffix;
    while (this.#entries.has(name) || name.startsWith(OVERFLOW)) name = `${policy.path}:${name}`;
    return name;
  }

  #create(name: string, key: string, policy: MethodPolicy, target: string, method: string, isOverflow = false): BreakerEntry {
    const breaker = new Engine(name, policy.breaker, this.#dependencies);
    const fallbacks = policy.fallback === undefined ? NO_FALLBACKS : new Map<string, number>();
    return {
      breaker,
      key,
      policy,
      target,
      method,
      fallbacks,
      skips: NONE_SKIPPED,
      ignored: NONE_IGNORED,
      oldestCall: undefined,
      newestCall: undefined,
      isWatched: false,
      stallsIgnored: 0,
      isOverflow,
      evicted: false,
      recentlyUsed: true,
    };
  }

  #overflowOf(policy: MethodPolicy, target: string, method: string): BreakerEntry {
    let entry = this.#overflow.get(policy);
    if (entry === undefined) {
      entry = this.#create(this.#freeOverflowName(policy), OVERFLOW, policy, target, method, true);
      this.#overflow.set(policy, entry);
    }
    return entry;
  }

  /** Those of a policy before this one keep their names, which may be of a place where another one stands now. */
  #freeOverflowName(policy: MethodPolicy): string {
    const taken = new Set(Array.from(this.#overflow.values(), ({ breaker }) => breaker.name));
    const own = `${OVERFLOW}#${policy.path}`;
    let name = taken.has(OVERFLOW) ? own : OVERFLOW;
    for (let count = 2; taken.has(name); count++) name = `${own}#${count}`;
    return name;
  }

  /**
   * The clock algorithm (second chance): the hand goes round, and an idle breaker that was not used since it last came by goes. Where all were,
   * one goes that has nothing to remember; else one that is open, and that nobody has asked for since its trial is due.
   */
  #evictIdle(): boolean {
    const nowMs = this.#dependencies.clock.now();
    let spotless: BreakerEntry | undefined;
    let abandoned: BreakerEntry | undefined;
    for (let steps = Math.min(EVICTION_STEPS, this.#entries.size); steps > 0; steps--) {
      const entry = this.#nextOfHand();
      if (entry === undefined) break;
      const { breaker, recentlyUsed } = entry;
      entry.recentlyUsed = false;
      if (breaker.isIdle && !recentlyUsed) return this.#evict(entry);
      if (breaker.isIdle && breaker.isSpotless(nowMs)) spotless ??= entry;
      if (breaker.isAbandoned(nowMs) && !recentlyUsed) abandoned ??= entry;
    }
    const entry = spotless ?? abandoned;
    return entry !== undefined && this.#evict(entry);
  }

  #nextOfHand(): BreakerEntry | undefined {
    const next = this.#hand.next();
    if (next.done !== true) return next.value;
    this.#hand = this.#entries.values();
    return this.#hand.next().value;
  }

  #evict(entry: BreakerEntry): true {
    entry.evicted = true;
    this.#entries.delete(entry.breaker.name);
    this.#byKey.get(entry.policy)?.delete(entry.key);
    return true;
  }
}
