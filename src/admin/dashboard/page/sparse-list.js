// A long list of which only the part on the screen exists. Rows belong to their breaker: where one moves, its element and the focus move with it.

import { element } from './dom.js';
import { RowView } from './row-view.js';

/** Rows above and below the screen. */
const OVERSCAN = 6;

export class SparseList {
  node = element('ol', { class: 'rows', 'aria-label': 'Breakers, what needs attention first' });
  /** @type {({ heading: string, key: string } | { breaker: import('./store.js').Breaker })[]} */
  #items = [];
  #shown = new Map();
  #rowHeight = 52;
  /** Where each item begins, and where the last one ends, in pixels. */
  #tops = [0];
  /** The one that Tab goes to. */
  #currentId;
  #now;
  #scheduled = false;

  constructor(now) {
    this.#now = now;
    this.node.addEventListener('keydown', (event) => this.#key(event));
    this.node.addEventListener('focusin', ({ target }) => {
      const row = target.closest('[data-id]');
      if (row !== null) this.#makeCurrent(Number(row.dataset.id));
    });
    this.onScroll = () => {
      if (this.#scheduled) return;
      this.#scheduled = true;
      requestAnimationFrame(() => {
        this.#scheduled = false;
        this.render();
      });
    };
    window.addEventListener('scroll', this.onScroll, { passive: true });
    window.addEventListener('resize', this.onScroll, { passive: true });
  }

  /** The breaker that Tab goes to. */
  get currentId() {
    return this.#currentId;
  }

  set currentId(id) {
    this.#currentId = id;
  }

  /** Listens no more. */
  close() {
    window.removeEventListener('scroll', this.onScroll);
    window.removeEventListener('resize', this.onScroll);
  }

  /** Shows other items. */
  set items(items) {
    this.#items = items;
    const has = items.some((item) => item.breaker?.id === this.#currentId);
    if (!has) this.#currentId = items.find((item) => item.breaker !== undefined)?.breaker.id;
    this.render();
  }

  /** What changes with time alone. */
  tick() {
    for (const view of this.#shown.values()) if (view instanceof RowView) view.tick(this.#now());
  }

  /** Draws what is on the screen. */
  render() {
    if (!this.node.isConnected) return;
    this.#measure();
    const height = `${this.#tops.at(-1)}px`;
    if (this.node.style.height !== height) this.node.style.height = height;
    const top = -this.node.getBoundingClientRect().top;
    const first = Math.max(0, this.#placeAt(top) - OVERSCAN);
    const last = Math.min(this.#items.length, this.#placeAt(top + window.innerHeight) + 1 + OVERSCAN);
    const places = new Map();
    for (let place = first; place < last; place++) places.set(keyOf(this.#items[place]), place);
    // The focused row stays, wherever it went: who presses Enter gets what they chose.
    const focused = document.activeElement?.closest?.('[data-id]')?.dataset.id;
    if (focused !== undefined && !places.has(focused)) {
      const place = this.#items.findIndex((item) => keyOf(item) === focused);
      if (place >= 0) places.set(focused, place);
    }
    for (const [key, view] of this.#shown) {
      if (places.has(key)) continue;
      view.node.remove();
      this.#shown.delete(key);
    }
    for (const [key, place] of places) this.#place(key, place);
    this.#sortNodes(places, focused);
  }

  #measure() {
    const style = getComputedStyle(this.node);
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.#rowHeight = Number.parseFloat(style.getPropertyValue('--row')) * rem;
    const headingHeight = Number.parseFloat(style.getPropertyValue('--heading')) * rem;
    const tops = [0];
    for (const { breaker } of this.#items) tops.push(tops.at(-1) + (breaker === undefined ? headingHeight : this.#rowHeight));
    this.#tops = tops;
  }

  /** The item at a height: the last one that begins at it or above. */
  #placeAt(height) {
    let from = 0;
    let to = this.#items.length;
    while (from < to) {
      const middle = (from + to + 1) >> 1;
      if (this.#tops[middle] <= height) from = middle;
      else to = middle - 1;
    }
    return from;
  }

  #place(key, place) {
    const item = this.#items[place];
    let view = this.#shown.get(key);
    if (view === undefined) {
      view = item.breaker === undefined ? headingView() : new RowView();
      if (item.breaker !== undefined) view.node.dataset.id = key;
      this.#shown.set(key, view);
    }
    const at = `translateY(${this.#tops[place]}px)`;
    if (view.node.style.transform !== at) view.node.style.transform = at;
    if (item.breaker === undefined) view.update(item);
    else {
      view.update(item.breaker, this.#now());
      view.link.tabIndex = item.breaker.id === this.#currentId ? 0 : -1;
      view.node.setAttribute('aria-setsize', String(this.#items.length));
      view.node.setAttribute('aria-posinset', String(place + 1));
    }
  }

  /** The order in the document is the order on the screen. The focused element is never moved: it would lose the focus. */
  #sortNodes(places, focused) {
    const wanted = [...places].toSorted(([, one], [, other]) => one - other).map(([key]) => this.#shown.get(key).node);
    const { children } = this.node;
    if (children.length === wanted.length && wanted.every((node, index) => children[index] === node)) return;
    const anchor = focused === undefined ? undefined : this.#shown.get(focused)?.node;
    let isBefore = anchor?.isConnected === true;
    for (const node of wanted) {
      if (node === anchor && isBefore) isBefore = false;
      else if (isBefore) this.node.insertBefore(node, anchor);
      else this.node.append(node);
    }
  }

  #makeCurrent(id) {
    if (id === this.#currentId) return;
    const before = this.#shown.get(String(this.#currentId));
    if (before !== undefined) before.link.tabIndex = -1;
    this.#currentId = id;
    const now = this.#shown.get(String(id));
    if (now !== undefined) now.link.tabIndex = 0;
  }

  #key(event) {
    const page = Math.max(1, Math.floor(window.innerHeight / this.#rowHeight) - 3);
    const steps = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.focus(step);
  }

  /** Goes so many breakers on from the current one. */
  focus(step) {
    const places = this.#items.flatMap((item, place) => (item.breaker === undefined ? [] : [place]));
    const at = places.findIndex((place) => this.#items[place].breaker.id === this.#currentId);
    const place = places[Math.min(places.length - 1, Math.max(0, at + step))];
    if (place === undefined) return;
    this.#makeCurrent(this.#items[place].breaker.id);
    const top = this.node.getBoundingClientRect().top + this.#tops[place];
    const margin = this.#rowHeight * 2;
    if (top < margin) window.scrollBy(0, top - margin);
    else if (top + margin > window.innerHeight) window.scrollBy(0, top + margin - window.innerHeight);
    this.render();
    this.#shown.get(String(this.#currentId))?.link.focus({ preventScroll: true });
  }
}

function headingView() {
  const text = element('h2');
  return {
    node: element('li', { class: 'heading' }, text),
    update: ({ heading }) => void (text.textContent !== heading && (text.textContent = heading)),
  };
}

function keyOf(item) {
  return item.breaker === undefined ? item.key : String(item.breaker.id);
}
