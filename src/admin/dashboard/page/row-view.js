// One row of the list: made once, then only what is different is touched.

import { stateOf } from './attention.js';
import { element, setAttribute, setText } from './dom.js';
import { conditionName, latencyText, rate, share, span } from './formats.js';

const SHARES = ['success', 'failure', 'refused', 'fallback'];

/** The address of a breaker's page. */
export function hrefOf(name) {
  return `#/breaker/${encodeURIComponent(name.toWellFormed())}`;
}

/** Rates and shares of the last seconds. A fallback answers a call that was refused or failed: it is no call of its own. */
export function recentOf([success, failure, , refused, fallback, seconds]) {
  const calls = success + failure + refused;
  return {
    calls,
    perSecond: seconds > 0 ? calls / seconds : 0,
    success,
    failure,
    refused,
    fallback,
    fallbackPerSecond: seconds > 0 ? fallback / seconds : 0,
  };
}

/** A bar of outcome shares; the words are beside it. */
export class OutcomeBar {
  constructor() {
    this.parts = SHARES.slice(0, 3).map((name) => element('i', { class: `bar-${name}` }));
    this.node = element('span', { class: 'bar', 'aria-hidden': 'true' }, ...this.parts);
  }

  update(recent) {
    const widths = [recent.success, recent.failure, recent.refused];
    this.parts.forEach((part, index) => {
      const width = recent.calls === 0 ? '0' : String(Math.round((widths[index] / recent.calls) * 1_000));
      if (part.style.flexGrow !== width) part.style.flexGrow = width;
    });
  }
}

/** How outcomes are said. */
export function outcomeText(recent) {
  if (recent.calls === 0) return 'no calls';
  const bad = [];
  if (recent.failure > 0) bad.push(`${share(recent.failure / recent.calls)} failed`);
  if (recent.refused > 0) bad.push(`${share(recent.refused / recent.calls)} refused`);
  return bad.length === 0 ? 'all answered' : bad.join(', ');
}

export class RowView {
  breaker;

  constructor() {
    this.mark = element('span', { class: 'mark', 'aria-hidden': 'true' });
    this.word = element('span', { class: 'word' });
    this.since = element('small', { class: 'since' });
    this.title = element('bdi', { class: 'title' });
    this.sub = element('small', { class: 'sub' });
    this.bar = new OutcomeBar();
    this.outcome = element('small');
    this.rate = element('span', { class: 'cell-rate' });
    this.latency = element('span');
    this.limit = element('small');
    this.inFlight = element('span', { class: 'cell-flight' });
    this.fallback = element('span', { class: 'cell-fallback' });
    this.link = element(
      'a',
      { class: 'row', tabindex: '-1' },
      element('span', { class: 'cell-state' }, this.mark, element('span', { class: 'two' }, this.word, this.since)),
      element('span', { class: 'cell-name two' }, this.title, this.sub),
      element('span', { class: 'cell-outcome two' }, this.bar.node, this.outcome),
      this.rate,
      element('span', { class: 'cell-latency two' }, this.latency, this.limit),
      this.inFlight,
      this.fallback,
    );
    this.node = element('li', {}, this.link);
  }

  /** Shows a breaker as it stands. */
  update(breaker, now) {
    const { row } = breaker;
    if (this.breaker !== breaker) {
      this.breaker = breaker;
      setAttribute(this.link, 'href', hrefOf(breaker.name));
      setText(this.title, breaker.title);
      setAttribute(this.link, 'title', breaker.label.slice(0, 500));
    }
    const state = stateOf(row);
    setAttribute(this.mark, 'data-mark', state.mark);
    setAttribute(this.link, 'data-tone', state.tone);
    setText(this.word, state.word);
    this.tick(now);
    const recent = recentOf(row.recent);
    this.bar.update(recent);
    setText(this.outcome, outcomeText(recent));
    setText(this.rate, `${rate(recent.perSecond)}/s`);
    const latency = latencyText(row.latency);
    setText(this.latency, latency.text);
    setText(this.limit, latency.limit);
    setAttribute(this.latency, 'data-over', latency.full >= 1 ? '' : null);
    setText(this.inFlight, `${row.inFlight} in flight`);
    setText(this.fallback, recent.fallback > 0 ? `${rate(recent.fallbackPerSecond)}/s fallback` : '');
    setAttribute(
      this.link,
      'aria-label',
      `${breaker.label.slice(0, 300)}, ${state.word}, ${outcomeText(recent)}, ${rate(recent.perSecond)} calls a second`,
    );
  }

  /** What changes with time alone. */
  tick(now) {
    const { breaker } = this;
    setText(this.since, waitText(breaker.row, now));
    setText(this.sub, subText(breaker));
  }
}

/** How long it stands so, or what it waits for. */
export function waitText(row, now) {
  if (row.endsAt !== null) return `${span(Math.ceil((row.endsAt - now) / 1_000) * 1_000)} left`;
  if (row.state === 'open' && row.nextAt !== null)
    return row.nextAt <= now ? 'next call is a trial' : `trial in ${span(Math.ceil((row.nextAt - now) / 1_000) * 1_000)}`;
  return row.state === 'closed' && row.override === null ? '' : `for ${span(now - row.since)}`;
}

function subText({ row, target, group, service }) {
  const where = service === '' ? target : `${target} \u00b7 ${service}`;
  if (row.why !== '' && group < 6) return `${target} \u00b7 ${row.why}`;
  return group === 4 ? `${target} \u00b7 ${Math.round(row.near * 100)}% of its ${conditionName(row.nearBy)}` : where;
}
