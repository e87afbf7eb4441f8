import type { Clock } from '../core/clock.ts';
import type { Administered } from '../policy/administered.ts';
import type { BreakerInfo } from '../policy/breaker-info.ts';
import { breakerMessage } from './breaker-message.ts';
import type { Encode } from './definitions.ts';
import { inSlices } from './slices.ts';
import { divided, LARGEST_RESPONSE, type Piece } from './watch-journal.ts';

/** What a look at all breakers found. */
export interface RoundResult {
  /** Those whose counts have changed since they were told last. */
  readonly pieces: readonly Piece[];
  /** Names that are new, and that are no more. */
  readonly come: readonly string[];
  readonly gone: readonly string[];
  /** What it took of the process's time, in milliseconds. */
  readonly busyMs: number;
}

/** Finds the breakers that stand differently from what was told of them last. */
export class StatusRound {
  readonly #breakers: Administered;
  readonly #encode: Encode;
  readonly #clock: Clock;
  /** By name, what stood in the last message, as one number. */
  readonly #known = new Map<string, number>();

  constructor({ breakers, encode, clock }: { breakers: Administered; encode: Encode; clock: Clock }) {
    this.#breakers = breakers;
    this.#encode = encode;
    this.#clock = clock;
  }

  /** Those that are there now are told by snapshots. */
  begin(): void {
    for (const { name } of this.#breakers.list()) this.#known.set(name, Number.NaN);
  }

  /** Nobody watches. */
  end(): void {
    this.#known.clear();
  }

  /** A breaker was told. */
  told(info: BreakerInfo): void {
    this.#known.set(info.snapshot.name, signatureOf(info));
  }

  /** A breaker is no more. */
  forget(name: string): void {
    this.#known.delete(name);
  }

  /**
   * Looks at all of them.
   * @param counts - whether anybody wants to know of counts
   */
  async look(counts: boolean): Promise<RoundResult> {
    const names = this.#breakers.list().map(({ name }) => name);
    const there = new Set(names);
    const gone = [...this.#known.keys()].filter((name) => !there.has(name));
    const come = names.filter((name) => !this.#known.has(name));
    const pieces: Piece[] = [];
    const busyMs = await inSlices(counts ? names : [], this.#clock, (name) => {
      const [info] = this.#breakers.describe([name]);
      if (info === undefined || info.snapshot.name !== name || signatureOf(info) === this.#known.get(name)) return;
      this.told(info);
      pieces.push({ name, bytes: this.#encode({ breakers: [breakerMessage(info)] }) });
    });
    return { pieces, come, gone, busyMs };
  }

  /** Responses made of pieces: those of all breakers once for all who want them. */
  pack(pieces: readonly Piece[]): (names: ReadonlySet<string> | undefined) => readonly Buffer[] {
    const responses = (some: readonly Piece[]): Buffer[] =>
      some.length === 0 ? [] : divided(some, LARGEST_RESPONSE).map((part) => Buffer.concat(part.map(({ bytes }) => bytes)));
    const all = responses(pieces);
    return (names) => (names === undefined ? all : responses(pieces.filter(({ name }) => names.has(name))));
  }
}

/** A number that is another one when something has changed that a person would want to see; times alone do not count. */
function signatureOf({ snapshot, fallbacks, ignored }: BreakerInfo): number {
  const { counts, inFlight, admittedShare, conditions } = snapshot;
  let sum = counts.success + counts.failure * 3 + counts.ignored * 5 + inFlight * 0.37 + admittedShare * 0.011;
  for (const part of [counts.rejected, counts.wouldReject, fallbacks, ignored]) {
    for (const count of Object.values(part)) sum += count * 7;
  }
  for (const { value, calls } of conditions) sum += value * 0.0137 + calls * 0.19;
  return sum;
}
