// The breakers as they are known, kept by the feed. Views are told once a frame, whatever came in meanwhile.

import { GROUPS, groupOf } from './attention.js';
import { visible } from './dom.js';

/** @typedef {{ id: number, name: string, label: string, search: string, target: string, method: string, row: object, group: number }} Breaker */

export class Store extends EventTarget {
  /** @type {Map<number, Breaker>} */
  byId = new Map();
  /** Those in the order of the list; made anew when something moved. */
  #ordered;
  #isDue = false;
  /** Milliseconds that the server's clock is ahead of ours. */
  #aheadMs = 0;
  /** The first news have come. */
  isFilled = false;

  /** The server's time now. */
  get now() {
    return Date.now() + this.#aheadMs;
  }

  /** A breaker by its name, or by what an address makes of it: half a character cannot stand in one. @returns {Breaker | undefined} */
  byName(name) {
    for (const breaker of this.byId.values()) if (breaker.name === name || breaker.address === name) return breaker;
    return undefined;
  }

  /** Takes a message of the feed in. */
  take({ now, come = [], gone = [], rows = [] }, isFull) {
    this.#aheadMs = now - Date.now();
    const before = this.byId;
    if (isFull) {
      this.byId = new Map();
      this.#ordered = undefined;
    }
    for (const known of come) this.#add(known, before.get(known.id));
    for (const id of gone) if (this.byId.delete(id)) this.#ordered = undefined;
    const moved = [];
    for (const row of rows) this.#change(row, isFull && !this.isFilled, moved);
    this.isFilled = true;
    if (moved.length > 0) this.dispatchEvent(new CustomEvent('moved', { detail: moved }));
    this.#tell();
  }

  /** Every breaker, what needs attention first; within a group by name, so that nothing moves without a reason. */
  get ordered() {
    this.#ordered ??= [...this.byId.values()].toSorted(
      (one, other) => one.group - other.group || (one.search < other.search ? -1 : 1),
    );
    return this.#ordered;
  }

  /** How many are in each group. */
  get groupCounts() {
    const counts = GROUPS.map(() => 0);
    for (const { group } of this.byId.values()) counts[group]++;
    return counts;
  }

  #add(known, before) {
    const label = visible(known.name);
    this.byId.set(known.id, {
      row: before?.row,
      group: before?.group ?? 6,
      ...known,
      label,
      address: known.name.toWellFormed(),
      search: label.toLowerCase(),
      ...titleOf(label, visible(known.target)),
    });
    this.#ordered = undefined;
  }

  #change(row, isFirst, moved) {
    const breaker = this.byId.get(row.id);
    if (breaker === undefined) return;
    const { row: before } = breaker;
    breaker.row = row;
    const group = groupOf(row, breaker.group === 4);
    if (group !== breaker.group) {
      breaker.group = group;
      this.#ordered = undefined;
    }
    if (isFirst || before === undefined) return;
    if (before.state !== row.state || before.override !== row.override || before.mode !== row.mode) moved.push(breaker);
  }

  #tell() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.dispatchEvent(new Event('change'));
    });
  }
}

/** What tells breakers apart comes first: `ModelInfer[iris]`; where it is, is `target` and `service`. */
function titleOf(label, target) {
  const rest = label.startsWith(`${target}/`) ? label.slice(target.length + 1) : label;
  const slash = rest.indexOf('/');
  return slash > 0 && slash < rest.length - 1
    ? { title: rest.slice(slash + 1), service: rest.slice(0, slash), target }
    : { title: rest, service: '', target };
}
