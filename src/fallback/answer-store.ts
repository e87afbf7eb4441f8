import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { LastGoodConfig } from '../policy/last-good-options.ts';

/** An answer as bytes, and when the call began that brought it, in milliseconds on the clock. */
export interface Stored {
  readonly bytes: Buffer;
  readonly bornMs: number;
}

/** What an entry takes besides its bytes, about. */
const OVERHEAD_BYTES = 200;

/** Good answers by what was asked, bounded in number and bytes: the least recently used go first. */
export class AnswerStore {
  readonly #bounds: Pick<LastGoodConfig, 'maxEntries' | 'maxBytes'>;
  /** Made with the first answer: it takes its room at once. */
  #answers: LRUCache<string, Stored> | undefined;

  constructor(bounds: Pick<LastGoodConfig, 'maxEntries' | 'maxBytes'>) {
    this.#bounds = bounds;
  }

  /** An answer, which counts as used now; undefined where there is none. */
  get(key: string): Stored | undefined {
    return this.#answers?.get(key);
  }

  /** An answer, without counting as used; undefined where there is none. */
  peek(key: string): Stored | undefined {
    return this.#answers?.peek(key);
  }

  /** Stores an answer. */
  set(key: string, stored: Stored): void {
    const { maxEntries, maxBytes } = this.#bounds;
    this.#answers ??= new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      sizeCalculation: ({ bytes }, ownKey) => bytes.length + ownKey.length + OVERHEAD_BYTES,
    });
    this.#answers.set(key, stored);
  }
}

/** What a store must have in common with the one of before to go on: how its keys are made, its bounds, and what reads it. */
interface Kept {
  readonly alike: readonly unknown[];
  readonly store: AnswerStore;
}

/** The stores of a policy's methods. What was stored under the policy before it stays, where the keys are made alike and the bounds are the same. */
export class AnswerStores {
  readonly #stores = new Map<string, Kept>();
  #before: AnswerStores | undefined;

  /** @param before - those of the policy before, which is not changed */
  constructor(before?: AnswerStores) {
    this.#before = before;
  }

  /**
   * The store of a method's source.
   * @param place - tells it from the other stores of the method
   * @param question - what its keys are made from
   */
  of(method: string, place: number, config: LastGoodConfig, question: unknown): AnswerStore {
    const name = `${method} ${place}`;
    const { maxAgeMs: _, refreshAfterMs: __, ...bounds } = config;
    const alike = [bounds, question];
    const before = this.#before === undefined ? undefined : this.#before.#stores.get(name);
    const store = before !== undefined && isDeepStrictEqual(before.alike, alike) ? before.store : new AnswerStore(config);
    this.#stores.set(name, { alike, store });
    return store;
  }

  /** Forgets what was before: the stores that were not asked for by now are gone. */
  settle(): void {
    this.#before = undefined;
  }
}
