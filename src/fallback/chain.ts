import type { Clock } from '../core/clock.ts';
import { silence } from '../core/silence.ts';
import { type CauseFilter, serves } from '../policy/fallback-cause.ts';
import type { AskedCall, Fallback, FallbackAnswer, FallbackCall, ShadowedCall, WarningHandler } from '../policy/ports.ts';
import type { SkipReason } from '../policy/skip-reason.ts';
import type { LastGoodSource, StoredUnder } from './last-good-source.ts';
import { type FallbackSource, type SourceAnswer, TooOldError } from './source.ts';
import { SourceContext } from './source-context.ts';
import { TimeoutError, within } from './within.ts';

/** Sources that answer later, and have no timeout of their own, are waited for at most this long together, in milliseconds. */
const PATIENCE_MS = 1_000;

/** A call that failed because its deadline passed has no time left, or next to none: sources that read a cache still get this long together, in milliseconds. */
const GRACE_MS = 25;

/** Until when sources are waited for, in milliseconds on the clock. */
interface Patience {
  /** All of them. */
  readonly endMs: number;
  /** Those without a timeout of their own. */
  readonly sharedEndMs: number;
}

type Answer = FallbackAnswer | undefined;

/** What all calls of a chain's method share. */
export interface ChainSurroundings {
  readonly method: string;
  readonly clock: Clock;
  readonly onWarning: WarningHandler;
}

/** Asks sources one after the other; the first with an answer wins, one that throws, rejects, is too slow or has none is passed over. */
export class FallbackChain implements Fallback {
  readonly on: CauseFilter;
  readonly remembers: boolean;
  readonly #sources: readonly FallbackSource[];
  readonly #memories: readonly LastGoodSource[];
  readonly #surroundings: ChainSurroundings;
  readonly #warned = new Set<FallbackSource>();

  /** @param memories - those of the sources that store answers, in their order */
  constructor(
    on: CauseFilter,
    sources: readonly FallbackSource[],
    memories: readonly LastGoodSource[],
    surroundings: ChainSurroundings,
  ) {
    this.on = on;
    this.remembers = memories.length > 0;
    this.#sources = sources;
    this.#memories = memories;
    this.#surroundings = surroundings;
  }

  keyOf(call: AskedCall): StoredUnder {
    const keys = this.#memories.map((memory) => {
      try {
        return memory.keyOf(call);
      } catch (error) {
        this.#warn(memory, error);
        return undefined;
      }
    });
    return { keys, stubs: call.stubs };
  }

  remember(key: unknown, response: unknown, startedMs: number): void {
    const { keys, stubs } = key as StoredUnder;
    for (const [index, memory] of this.#memories.entries()) {
      const own = keys[index];
      if (own === undefined) continue;
      try {
        memory.store(own, response, startedMs, stubs);
      } catch (error) {
        this.#warn(memory, error);
      }
    }
  }

  answer(call: FallbackCall, from: number = 0): Answer | Promise<Answer> {
    return this.#askFrom(from, call, undefined);
  }

  wouldAnswer(call: ShadowedCall): string | undefined {
    for (const source of this.#sources) {
      if (source.when !== undefined && !serves(source.when, call)) continue;
      try {
        if (source.wouldAnswer(call)) return source.name;
      } catch (error) {
        this.#warn(source, error);
      }
    }
    return undefined;
  }

  /** Asks from a source on. The clock is read only when something has to be waited for. */
  #askFrom(first: number, call: FallbackCall, patience: Patience | undefined): Answer | Promise<Answer> {
    for (let place = first; place < this.#sources.length; place++) {
      const source = this.#sources[place] as FallbackSource;
      if (source.when !== undefined && !serves(source.when, call)) continue;
      const context = new SourceContext(call, this.#surroundings.clock);
      try {
        const answer = source.answer(call, context);
        if (answer instanceof Promise) {
          return this.#awaitSource(place, answer, context, call, patience ?? this.#patienceFor(call));
        }
        if (answer !== undefined) return named(answer, source.name, place);
        call.onSkip(source.name, 'empty');
      } catch (error) {
        this.#pass(source, call, error);
      }
    }
    return undefined;
  }

  async #awaitSource(
    place: number,
    pending: Promise<SourceAnswer>,
    context: SourceContext,
    call: FallbackCall,
    patience: Patience,
  ): Promise<Answer> {
    const source = this.#sources[place] as FallbackSource;
    call.waiting = context;
    try {
      const nowMs = this.#surroundings.clock.now();
      const ownEndMs = source.timeoutMs === undefined ? patience.sharedEndMs : nowMs + source.timeoutMs;
      const answer = await within(pending, Math.min(ownEndMs, patience.endMs) - nowMs);
      if (answer !== undefined) return named(answer, source.name, place);
      if (!context.isAborted) call.onSkip(source.name, 'empty');
    } catch (error) {
      leaveWhenItComes(pending);
      if (!context.isAborted) this.#pass(source, call, error);
    } finally {
      call.waiting = undefined;
    }
    // Its caller has cancelled: nobody waits for an answer any more.
    if (context.isAborted) return undefined;
    context.abort(new Error('the next source is asked'));
    return this.#askFrom(place + 1, call, patience);
  }

  #patienceFor({ cause, deadlineAtMs }: FallbackCall): Patience {
    const nowMs = this.#surroundings.clock.now();
    // Where late is wrong, nothing that takes time has a chance.
    const graceMs = cause === 'failed' ? GRACE_MS : 0;
    return { endMs: Math.max(deadlineAtMs, nowMs + graceMs), sharedEndMs: nowMs + PATIENCE_MS };
  }

  #pass(source: FallbackSource, call: FallbackCall, error: unknown): void {
    const why: SkipReason = error instanceof TooOldError ? 'tooOld' : error instanceof TimeoutError ? 'timeout' : 'failed';
    call.onSkip(source.name, why);
    if (why !== 'tooOld') this.#warn(source, error);
  }

  #warn(source: FallbackSource, error: unknown): void {
    if (this.#warned.has(source)) return;
    this.#warned.add(source);
    const { method, onWarning } = this.#surroundings;
    onWarning(`fallback source "${source.name}" of ${method} failed and is passed over (said once)`, error);
  }
}

/** Field by field, which costs less than spreading. */
function named(
  { messages, rest, status, bornMs, goodUntilMs }: NonNullable<SourceAnswer>,
  source: string,
  place: number,
): FallbackAnswer {
  return { source, place, messages, rest, status, bornMs, goodUntilMs };
}

/** A streamed answer that comes when nobody waits for it any more is left at once, so that what makes it ends. */
function leaveWhenItComes(pending: Promise<SourceAnswer>): void {
  silence(
    pending.then((answer) => answer?.rest?.return?.()),
    () => {},
  );
}
