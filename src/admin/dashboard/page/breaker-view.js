// The page of one breaker.

import { stateOf } from './attention.js';
import { ACTIONS, changeBreaker } from './change-dialog.js';
import { Timeline } from './chart.js';
import { element, setAttribute, setText } from './dom.js';
import { conditionName, count, latencyText, milliseconds, rate, share, span, timeOfDay } from './formats.js';
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
    setText(this.origin, row.state === 'closed' ? '' : originText(this.#page?.history?.changes));
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
    if (history !== null) this.timeline.update({ ...history, now, kind: row?.latency?.kind });
    this.timeline.node.hidden = history === null;
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
    this.#showChanges(history?.changes ?? []);
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

/** An outage has many verdicts; what began it is the one that is asked for. */
function originText(changes = []) {
  const first = changes.find(({ what }) => what === 'closed > open');
  return first === undefined ? '' : `Opened at ${timeOfDay(first.at)}: ${first.why}`;
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

function conditionNode({ condition, value, threshold, calls, slowerThanMs, baseline, latency }) {
  const of =
    { failureRate: share, slowCallRate: share, latencySlo: milliseconds }[condition] ??
    ((number) => String(Math.round(number * 10) / 10));
  const more = [
    `${count(calls)} calls`,
    slowerThanMs > 0 ? `slow over ${milliseconds(slowerThanMs)}` : '',
    latency ? `P50 ${milliseconds(latency.p50Ms)}, P99 ${milliseconds(latency.p99Ms)}` : '',
    baseline?.latencyMs > 0 ? `usually ${milliseconds(baseline.latencyMs)}, ${share(baseline.errorRate)} fail` : '',
  ];
  const full = threshold > 0 && Number.isFinite(value) ? Math.min(1, value / threshold) : 0;
  const fill = element('i');
  fill.style.width = `${Math.round(full * 100)}%`;
  const meter = element('span', { class: 'meter', 'data-near': full >= 0.6, 'aria-hidden': 'true' }, fill);
  return element(
    'div',
    { class: 'condition' },
    element('span', { text: capital(conditionName(condition)) }),
    element('b', { text: `${of(value ?? 0)} of ${of(threshold ?? 0)}` }),
    meter,
    element('small', { text: more.filter(Boolean).join(' \u00b7 ') }),
  );
}

function changeNode({ at, what, to, why, lastedMs, traceId, shadow }, jaegerUrl) {
  const text = what.replace('halfOpen', 'half-open').replace('halfOpen', 'half-open').replace(' > ', ' \u2192 ');
  const mark = { open: 'open', halfOpen: 'half', closed: 'closed' }[to] ?? 'hand';
  const isTrace = /^[0-9a-f]{32}$/.test(traceId ?? '');
  const linked =
    isTrace && jaegerUrl
      ? element('a', {
          href: `${jaegerUrl}/trace/${traceId}`,
          rel: 'noreferrer noopener',
          target: '_blank',
          text: `trace ${traceId.slice(0, 8)}`,
        })
      : null;
  return element(
    'li',
    { 'data-to': to ?? 'hand' },
    element('time', { datetime: new Date(at).toISOString(), text: timeOfDay(at) }),
    element('span', { class: 'mark', 'data-mark': shadow ? 'shadow' : mark, 'aria-hidden': 'true' }),
    element('span', { class: 'what', text: `${text}${shadow ? ' (observe)' : ''}` }),
    element(
      'span',
      { class: 'verdict' },
      element('bdi', { text: why }),
      lastedMs === undefined ? null : element('small', { text: ` after ${span(lastedMs)}` }),
    ),
    linked ?? (isTrace ? element('code', { text: traceId }) : null),
  );
}

function byName(counts) {
  return Object.entries(counts)
    .filter(([, value]) => value > 0)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, value]) => `${name} ${count(value)}`)
    .join(', ');
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
