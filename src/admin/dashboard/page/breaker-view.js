// The page of one breaker.

import { stateOf } from './attention.js';
import { ACTIONS, changeBreaker } from './change-dialog.js';
import { changeNode, originText } from './change-view.js';
import { Timeline } from './chart.js';
import { conditionNode } from './condition-view.js';
import { element, setAttribute, setText } from './dom.js';
import { capital, conditionName, count, latencyText, rate, share, span } from './formats.js';
import { OutcomeBar, outcomeText, recentOf, waitText } from './row-view.js';

/** The history is asked for so often. What changes at once comes by the feed. */
const ASK_MS = 2_000;

export class BreakerView {
  #store;
  #session;
  #name;
  #id;
  #stopped = new AbortController();
  #timer;
  #page;

  constructor(store, session, name) {
    this.#store = store;
    this.#session = session;
    this.#name = name;
    this.title = element('h2', { class: 'breaker-name', tabindex: '-1' }, element('bdi'));
    this.mark = element('span', { class: 'mark big', 'aria-hidden': 'true' });
    this.word = element('strong');
    this.since = element('span', { class: 'since' });
    this.why = element('p', { class: 'why' });
    this.person = element('p', { class: 'person' });
    this.origin = element('p', { class: 'since why' });
    this.bar = new OutcomeBar();
    this.outcome = element('span');
    this.figures = Object.fromEntries(
      ['Calls', 'Failed', 'Refused', 'Fallback', 'Latency', 'In flight'].map((label) => [label, figure(label)]),
    );
    this.conditions = element('div', { class: 'conditions' });
    this.timeline = new Timeline();
    this.changes = element('ol', { class: 'changes' });
    this.details = element('dl', { class: 'details' });
    this.gone = element('p', { class: 'empty', role: 'status' });
    this.note = element('p', { class: 'note' });
    this.buttons = element('div', { class: 'actions', role: 'group', 'aria-label': 'Change this breaker' });
    for (const [action, { button, tone }] of Object.entries(ACTIONS)) {
      this.buttons.append(
        element('button', {
          type: 'button',
          'data-action': action,
          'data-tone': tone,
          text: button,
          click: () => void this.#change(action),
        }),
      );
    }
    this.body = element(
      'div',
      { class: 'breaker-body' },
      element(
        'div',
        { class: 'state-panel' },
        this.mark,
        element('div', {}, element('p', {}, this.word, ' ', this.since), this.why, this.person, this.origin),
      ),
      this.buttons,
      this.note,
      element('div', { class: 'figures' }, ...Object.values(this.figures).map(({ node }) => node)),
      element('p', { class: 'outcome-line' }, this.bar.node, this.outcome),
      element('section', {}, element('h2', { text: 'Last 15 minutes' }), this.timeline.node),
      element(
        'div',
        { class: 'columns' },
        element('section', {}, element('h2', { text: 'Trips when' }), this.conditions),
        element('section', {}, element('h2', { text: 'Since it was made' }), this.details),
      ),
      element('section', {}, element('h2', { text: 'Changes' }), this.changes),
    );
    this.node = element(
      'article',
      { class: 'breaker' },
      element('p', {}, element('a', { class: 'back', href: '#/', text: 'All breakers' })),
      this.title,
      this.gone,
      this.body,
    );
    this.onChange = () => this.render();
    store.addEventListener('change', this.onChange);
    this.#timer = setInterval(() => this.render(), 1_000);
    void this.#follow();
  }

  close() {
    this.#stopped.abort();
    clearInterval(this.#timer);
    this.#store.removeEventListener('change', this.onChange);
    this.timeline.close();
  }

  focus() {
    this.title.focus({ preventScroll: true });
  }

  render() {
    const breaker = this.#store.byName(this.#name);
    if (breaker?.row === undefined) {
      setText(
        this.gone,
        this.#store.isFilled
          ? 'There is no breaker of this name now. It appears here with its first call.'
          : 'Waiting for the server.',
      );
      this.body.hidden = this.#page === undefined;
      return;
    }
    setText(this.gone, '');
    this.body.hidden = false;
    this.#id = breaker.id;
    this.#showState(breaker);
    this.#showFigures(breaker.row);
  }

  #showState(breaker) {
    const { row, label } = breaker;
    const state = stateOf(row);
    const { now } = this.#store;
    setText(this.title.firstChild, label);
    setAttribute(this.mark, 'data-mark', state.mark);
    setAttribute(this.node, 'data-tone', state.tone);
    setText(this.word, capital(state.word));
    const lasts = `for ${span(now - row.since)}`;
    const waits = waitText(row, now);
    setText(this.since, waits === '' || waits === lasts ? lasts : `${lasts}, ${waits}`);
    const byHand = row.override !== null || row.chosen;
    const near =
      breaker.group === 4 ? `${Math.round(row.near * 100)}% of the way to its ${conditionName(row.nearBy)} limit.` : '';
    setText(this.why, byHand ? (this.#page?.verdict ?? '') : row.why || near);
    setText(this.origin, row.state === 'closed' ? '' : originText(this.#page?.history.changes));
    setText(this.person, byHand ? `By hand: ${row.why}` : '');
    const { facts } = this.#session;
    const may = facts?.mayWrite === true || facts?.needsToken === true;
    setText(this.note, may || facts === undefined ? '' : 'This dashboard only shows: it was started without a write token.');
    for (const button of this.buttons.children) button.disabled = !may;
  }

  #showFigures(row) {
    const recent = recentOf(row.recent);
    const part = (value) => (recent.calls === 0 ? '\u2013' : share(value / recent.calls));
    const latency = latencyText(row.latency);
    const show = (name, value, small = '') => this.figures[name].update(value, small);
    show('Calls', `${rate(recent.perSecond)}/s`);
    show('Failed', part(recent.failure));
    show('Refused', part(recent.refused));
    show('Fallback', `${rate(recent.fallbackPerSecond)}/s`);
    show('Latency', latency.text, latency.limit);
    show('In flight', String(row.inFlight));
    this.bar.update(recent);
    setText(this.outcome, `${outcomeText(recent)} in the last 10 s`);
  }

  async #follow() {
    while (!this.#stopped.signal.aborted) {
      this.render();
      if (this.#id !== undefined && !document.hidden) await this.#ask();
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, this.#page === undefined ? 100 : ASK_MS);
        this.#stopped.signal.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async #ask() {
    try {
      const page = await this.#session.get(`/api/breakers/${this.#id}`, this.#stopped.signal);
      if (this.#stopped.signal.aborted || page.id !== this.#id) return;
      this.#page = page;
      this.#showPage(page);
    } catch {
      // The feed says when the server is away, and comes back with it.
    }
  }

  #showPage({ history, conditions, counts, fallbacks, ignored, now, target, method, policy }) {
    const row = this.#store.byName(this.#name)?.row;
    const isLong = history.success.length > 1;
    if (isLong) this.timeline.update({ ...history, now, kind: row?.latency?.kind });
    this.timeline.node.hidden = !isLong;
    this.conditions.replaceChildren(...conditions.map(conditionNode));
    const facts = [
      ['Answered', count(counts.success)],
      ['Failed', count(counts.failure)],
      ['Refused', byName(counts.rejected)],
      ['Would have been refused', byName(counts.wouldReject)],
      ['Fallback answers', byName(fallbacks)],
      ['Said nothing', byName(ignored)],
      ['Target', target],
      ['Method', method],
      ['Policy', policy],
    ].filter(([, value]) => value !== '');
    this.details.replaceChildren(
      ...facts.flatMap(([name, value]) => [element('dt', { text: name }), element('dd', {}, element('bdi', { text: value }))]),
    );
    this.#showChanges(history.changes);
  }

  #showChanges(changes) {
    const key = JSON.stringify(changes);
    if (key === this.changes.dataset.key) return;
    this.changes.dataset.key = key;
    const { jaegerUrl } = this.#session.facts ?? {};
    this.changes.replaceChildren(...changes.map((change) => changeNode(change, jaegerUrl)));
    if (changes.length === 0)
      this.changes.append(element('li', { class: 'empty', text: 'None since the dashboard was started.' }));
  }

  async #change(action) {
    const breaker = this.#store.byName(this.#name);
    if (breaker === undefined) return;
    await changeBreaker(this.#session, breaker, action);
    await this.#ask();
  }
}

function figure(label) {
  const value = element('b');
  const small = element('small');
  const update = (text, more) => {
    setText(value, text);
    setText(small, more);
  };
  return { node: element('div', { class: 'figure' }, element('span', { text: label }), value, small), update };
}

function byName(counts) {
  return Object.entries(counts)
    .filter(([, value]) => value > 0)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, value]) => `${name} ${count(value)}`)
    .join(', ');
}
