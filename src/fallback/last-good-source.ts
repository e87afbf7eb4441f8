import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../core/clock.ts';
import type { LastGoodConfig } from '../policy/last-good-options.ts';
import type { AskedCall, CallStubs, FallbackCall, ShadowedCall } from '../policy/ports.ts';
import { AnswerStore } from './answer-store.ts';
import { lastGoodKey } from './last-good-key.ts';
import type { MessageCodec } from './message-codec.ts';
import { type FallbackSource, type SourceAnswer, type SourceBasics, TooOldError } from './source.ts';

/** What a call's answer is stored under. */
export interface StoredUnder {
  /** One for each source of the chain that stores answers; undefined where it is not to store this one. */
  readonly keys: readonly (string | undefined)[];
  /** Those of the call. */
  readonly stubs: CallStubs;
}

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
  readonly #store: AnswerStore;

  /**
   * @param question - the policy's key with its function resolved
   * @param store - where its answers are
   */
  constructor(
    { name, when, timeoutMs }: SourceBasics,
    config: LastGoodConfig,
    question: Exclude<LastGoodConfig['key'], string>,
    codec: MessageCodec,
    clock: Clock,
    index: number,
    store: AnswerStore = new AnswerStore(config),
  ) {
    this.name = name;
    this.when = when;
    this.timeoutMs = timeoutMs;
    this.#config = config;
    this.#question = question;
    this.#codec = codec;
    this.#clock = clock;
    this.#index = index;
    this.#store = store;
  }

  /** What this call's answer is stored under. @throws what a key function throws */
  keyOf(call: AskedCall): string | undefined {
    return lastGoodKey(this.#config, this.#question, call);
  }

  /**
   * Stores a copy of a good answer.
   * @param stubs - those of the call that brought it
   * @throws what the serialiser throws, and TypeError where the copy would be another answer
   */
  store(key: string, response: unknown, bornMs: number, stubs: CallStubs): void {
    const known = this.#store.get(key);
    // Calls overtake one another: an older answer does not replace a newer one.
    if (known !== undefined && bornMs - known.bornMs < this.#config.refreshAfterMs) return;
    this.#store.set(key, { bytes: ownBytes(this.#encode(response, stubs)), bornMs });
  }

  /** Registered serialisers drop fields of other stubs' messages without a word, such as those in camel case: such a copy must not be served. */
  #encode(response: unknown, { responseDeserialize }: CallStubs): Buffer {
    const bytes = this.#codec.encode(response);
    if (this.#codec.reads(responseDeserialize) || isDeepStrictEqual(responseDeserialize(bytes), response)) return bytes;
    throw new TypeError('the call was made with other stubs than those in "services", which cannot copy its answer');
  }

  answer({ key }: FallbackCall): SourceAnswer {
    const own = (key as StoredUnder | undefined)?.keys[this.#index];
    const stored = own === undefined ? undefined : this.#store.get(own);
    if (stored === undefined) return undefined;
    const { bytes, bornMs } = stored;
    const goodUntilMs = bornMs + this.#config.maxAgeMs;
    if (this.#clock.now() > goodUntilMs) throw new TooOldError('the last good answer is older than maxAge');
    // Decoded messages are views of their bytes, where they have fields of bytes, and are their caller's to change.
    return { messages: [Buffer.from(bytes)], bornMs, goodUntilMs };
  }

  wouldAnswer({ key }: ShadowedCall): boolean {
    const own = (key as StoredUnder | undefined)?.keys[this.#index];
    const stored = own === undefined ? undefined : this.#store.peek(own);
    return stored !== undefined && this.#clock.now() <= stored.bornMs + this.#config.maxAgeMs;
  }
}

/** Bytes that keep nothing else alive: serialisers hand out pieces of a pool, which a stored piece would hold as a whole. */
function ownBytes(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength === bytes.length) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}
