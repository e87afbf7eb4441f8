import type { BreakerEntry, BreakerRegistry } from '../policy/registry.ts';

/** The name that breakers share in metrics when there have been too many names, as OpenTelemetry calls its overflow. */
export const OTHER = '_OTHER';

/**
 * The names that breakers have in metrics. An SDK never forgets a series: where keys come and go, their breakers would make new ones for
 * ever. So there are never more names than there may be breakers at a time; whoever comes later is one of `_OTHER`.
 */
export class SeriesNames {
  readonly #registry: BreakerRegistry;
  readonly #names = new Set<string>();
  /** So many breakers there were at a time: never more than the registry's bound. */
  #most = 0;
  /** The registry has evicted, so it was full: `#most` is its bound. */
  #isBound = false;

  constructor(registry: BreakerRegistry) {
    this.#registry = registry;
  }

  /** The name of a breaker's series. */
  of({ breaker: { name }, isOverflow }: BreakerEntry): string {
    // Those of the registry's own making are one for each policy.
    if (isOverflow || this.#names.has(name)) return name;
    if (!this.#hasRoom()) return OTHER;
    this.#names.add(name);
    return name;
  }

  #hasRoom(): boolean {
    if (this.#names.size < this.#most) return true;
    if (this.#isBound) return false;
    this.#most = 0;
    for (const { isOverflow } of this.#registry.list()) if (!isOverflow) this.#most++;
    // Had none been evicted, each name would be that of a breaker there is, and there were one more: this one.
    this.#isBound = this.#names.size >= this.#most;
    return !this.#isBound;
  }
}
