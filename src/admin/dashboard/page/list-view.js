// The list of all breakers, with its filter.

import { GROUPS } from './attention.js';
import { element, setAttribute, setText } from './dom.js';
import { count } from './formats.js';
import { SparseList } from './sparse-list.js';

/** What was typed and chosen stays while a breaker is looked at. */
let query = '';
let chosenGroup;
let currentId;

export class ListView {
  #store;
  #list;
  #timer;

  constructor(store) {
    this.#store = store;
    this.#list = new SparseList(() => store.now);
    this.#list.currentId = currentId;
    this.search = element('input', {
      ...{ type: 'search', id: 'filter', placeholder: 'Filter by name or reason', autocomplete: 'off', spellcheck: 'false' },
      input: () => {
        query = this.search.value;
        this.render();
      },
      keydown: (event) => {
        if (event.key === 'ArrowDown') {
          event.preventDefault();
          this.#list.focus(0);
        }
      },
    });
    this.search.value = query;
    this.chips = GROUPS.map(({ label }, group) => {
      const number = element('b');
      const chip = element(
        'button',
        { type: 'button', class: 'chip', 'data-group': GROUPS[group].key, click: () => this.#choose(group) },
        number,
        element('span', { text: label }),
      );
      return { chip, number };
    });
    this.empty = element('p', { class: 'empty', role: 'status' });
    this.node = element(
      'section',
      { class: 'list' },
      element(
        'div',
        { class: 'tools' },
        element('label', { class: 'unseen', for: 'filter', text: 'Filter breakers' }),
        this.search,
        element('div', { class: 'chips', role: 'group', 'aria-label': 'Show only' }, ...this.chips.map(({ chip }) => chip)),
      ),
      this.empty,
      this.#list.node,
    );
    this.onChange = () => this.render();
    store.addEventListener('change', this.onChange);
    this.#timer = setInterval(() => this.#list.tick(), 1_000);
  }

  close() {
    this.#store.removeEventListener('change', this.onChange);
    currentId = this.#list.currentId;
    this.#list.close();
    clearInterval(this.#timer);
  }

  /** Where the focus goes when the list is come back to. */
  focus() {
    this.#list.focus(0);
  }

  render() {
    const counts = this.#store.groupCounts;
    this.chips.forEach(({ chip, number }, group) => {
      setText(number, count(counts[group]));
      setAttribute(chip, 'aria-pressed', String(chosenGroup === group));
      setAttribute(chip, 'data-none', counts[group] === 0 ? '' : null);
    });
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.#store.ordered.filter(
      ({ search, row, group }) =>
        row !== undefined &&
        (chosenGroup === undefined || group === chosenGroup) &&
        words.every((word) => search.includes(word) || row.why.toLowerCase().includes(word)),
    );
    this.#list.items = withHeadings(found);
    setText(this.empty, this.#emptyText(found.length));
  }

  #emptyText(found) {
    if (found > 0) return '';
    if (!this.#store.isFilled) return 'Waiting for the server.';
    if (this.#store.byId.size === 0) return 'No breakers yet: each is made by the first call of its method.';
    return 'No breaker fits this filter.';
  }

  #choose(group) {
    chosenGroup = chosenGroup === group ? undefined : group;
    this.render();
  }
}

function withHeadings(breakers) {
  const items = [];
  let last;
  for (const breaker of breakers) {
    if (breaker.group !== last) {
      last = breaker.group;
      const { key, label } = GROUPS[last];
      items.push({ key: `group-${key}`, heading: label });
    }
    items.push({ breaker });
  }
  return items;
}
