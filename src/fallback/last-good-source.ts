import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.ts';
import type { LastGoodConfig } from '../policy/last-good-options.ts';
import type { AskedCall, FallbackCall } from '../policy/ports.ts';
import { lastGoodKey } from './last-good-key.ts';
import type { MessageCodec } from './message-codec.ts';
import { type FallbackSource, type SourceAnswer, type SourceBasics, TooOldError } from './source.ts';

/** An answer as bytes, and when the call began that brought it, in milliseconds on the clock. */
interface Stored {
  readonly bytes: Buffer;
  readonly bornMs: number;
}

/** What an entry takes besides its bytes, about. */
const OVERHEAD_BYTES = 200;

/** Answers with the last good response to the same question of the same caller, bounded in age, number and bytes. */
export class LastGoodSource implements FallbackSource {
  readonly name: string;
  readonly when: FallbackSource['when'];
  readonly timeoutMs: FallbackSource['timeoutMs'];
  readonly #config: LastGoodConfig;
  readonly #question: Exclude<LastGoodConfig['key'], string>;
  readonly #codec: MessageCodec;
  readonly #clock: Clock;
  /** Its place among the sources of its chain that store answers. */
  readonly #index: number;
  /** Made with the first answer: it takes its room at once. */
  #answers: LRUCache<string, Stored> | undefined;

  /** @param question - the policy's key with its function resolved */
  constructor(
    { name, when, timeoutMs }: SourceBasics,
    config: LastGoodConfig,
    question: Exclude<LastGoodConfig['key'], string>,
    codec: MessageCodec,
    clock: Clock,
    index: number,
  ) {
    this.name = name;
    this.when = when;
    this.timeoutMs = timeoutMs;
    this.#config = config;
    this.#question = question;
    this.#codec = codec;
    this.#clock = clock;
    this.#index = index;
  }

  /** What this call's answer is stored under. @throws what a key function throws */
  keyOf(call: AskedCall): string | undefined {
    return lastGoodKey(this.#config, this.#question, call);
  }

  /** Stores a copy of a good answer. @throws what the serialiser throws */
  store(key: string, response: unknown, bornMs: number): void {
    const { maxEntries, maxBytes, refreshAfterMs } = this.#config;
    this.#answers ??= new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      sizeCalculation: ({ bytes }, ownKey) => bytes.length + ownKey.length + OVERHEAD_BYTES,
    });
    const known = this.#answers.peek(key);
    // Calls overtake one another: an older answer does not replace a newer one.
    if (known !== undefined && bornMs - known.bornMs < Math.max(refreshAfterMs, Number.MIN_VALUE)) return;
    this.#answers.set(key, { bytes: this.#codec.encode(response), bornMs });
  }

  answer({ key }: FallbackCall): SourceAnswer {
    const own = (key as readonly (string | undefined)[] | undefined)?.[this.#index];
    const stored = own === undefined ? undefined : this.#answers?.get(own);
    if (stored === undefined) return undefined;
    const { bytes, bornMs } = stored;
    const goodUntilMs = bornMs + this.#config.maxAgeMs;
    if (this.#clock.now() > goodUntilMs) throw new TooOldError('the last good answer is older than maxAge');
    return { messages: [bytes], bornMs, goodUntilMs };
  }
}
