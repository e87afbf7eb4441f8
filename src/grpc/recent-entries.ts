import type { BreakerEntry } from '../policy/registry.ts';

/** Few enough to cost no memory worth a word beside the breakers, many enough for the models that one client is busy with. */
const CAPACITY = 1_000;

/** The breakers that calls of one method asked for lately, by the one text that told them apart: to make the whole key and look it up takes 300 ns. */
export class RecentEntries {
  readonly #entries = new Map<string, BreakerEntry>();

  /** The entry of a text; undefined when it is not known here, or has left the registry. */
  find(text: string): BreakerEntry | undefined {
    const entry = this.#entries.get(text);
    if (entry === undefined || entry.evicted) return undefined;
    entry.recentlyUsed = true;
    return entry;
  }

  /** Remembers the entry of a text. */
  remember(text: string, entry: BreakerEntry): void {
    if (entry.isOverflow) return;
    if (this.#entries.size >= CAPACITY) this.#entries.clear();
    this.#entries.set(text, entry);
  }
}
