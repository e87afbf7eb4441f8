// What happened to a breaker, one line each.

import { element } from './dom.js';
import { span, timeOfDay } from './formats.js';

/** A change as the server tells it. Its trace is a link where there is a Jaeger. */
export function changeNode({ at, what, to, why, lastedMs, traceId, shadow }, jaegerUrl) {
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

/** An outage has many verdicts; what began it is the one that is asked for. */
export function originText(changes = []) {
  const first = changes.find(({ what }) => what === 'closed > open');
  return first === undefined ? '' : `Opened at ${timeOfDay(first.at)}: ${first.why}`;
}
