import type { Administered } from '../policy/administered.ts';
import type { Policy } from '../policy/policy.ts';
import type { WarningHandler } from '../policy/ports.ts';
import { documentOf } from './policy-document.ts';

/** Tries on top of each other are remembered up to here; the oldest one is then passed over when those after it end. */
const MOST_TRIES = 20;

/** A policy that holds for a time. */
interface Try {
  readonly policy: Policy;
  readonly etag: string;
  readonly timer: NodeJS.Timeout;
}

/**
 * The policies that hold for a time, on top of the one that holds for good. Where one ends that holds, the one below it comes back that still has
 * time, else the one for good. They end also when the admin service that began them does not run any more.
 */
export class PolicyTries {
  readonly #breakers: Administered;
  readonly #onWarning: WarningHandler;
  /** What comes back in the end. */
  #base: Policy;
  #tries: Try[] = [];

  constructor(breakers: Administered, onWarning: WarningHandler) {
    this.#breakers = breakers;
    this.#onWarning = onWarning;
    this.#base = breakers.policy;
  }

  /**
   * The policy that holds now does so for a time.
   * @param before - the one that held until now
   * @param lastsMs - in milliseconds, at most the longest time of a timer
   */
  begin(before: Policy, lastsMs: number): void {
    const top = this.#tries.at(-1);
    if (top === undefined || top.policy !== before) {
      // Nothing below holds by now: another policy came meanwhile, and for good. It may have the same document.
      this.end();
      this.#base = before;
    }
    const { policy } = this.#breakers;
    const { etag } = documentOf(policy);
    // The same once more: it has another end.
    if (this.#tries.at(-1)?.etag === etag) clearTimeout(this.#tries.pop()?.timer);
    const timer = setTimeout(() => this.#over(begun), lastsMs).unref();
    const begun: Try = { policy, etag, timer };
    this.#tries.push(begun);
    if (this.#tries.length > MOST_TRIES) clearTimeout(this.#tries.shift()?.timer);
  }

  /** The policy that holds now does so for good: nothing comes back any more. */
  end(): void {
    for (const { timer } of this.#tries) clearTimeout(timer);
    this.#tries = [];
  }

  #over(ended: Try): void {
    const held = this.#tries.at(-1) === ended && this.#breakers.policy === ended.policy;
    this.#tries = this.#tries.filter((tried) => tried !== ended);
    if (!held) return;
    try {
      this.#breakers.reload(this.#tries.at(-1)?.policy ?? this.#base);
    } catch (error) {
      this.#onWarning('a policy whose time is over could not be taken back', error);
    }
  }
}

const known = new WeakMap<Administered, PolicyTries>();

/** The tries of some breakers: the admin service and a dashboard of its own share them. What fails later is told to the first who asked. */
export function triesOf(breakers: Administered, onWarning: WarningHandler): PolicyTries {
  const tries = known.get(breakers) ?? new PolicyTries(breakers, onWarning);
  known.set(breakers, tries);
  return tries;
}
