// A trip condition: what it sees, and when it trips.

import { element } from './dom.js';
import { capital, conditionName, count, milliseconds, share } from './formats.js';

/** A condition as the server tells it, with a measure of how near it is. */
export function conditionNode({ condition, value, threshold, calls, slowerThanMs, baseline, latency }) {
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
