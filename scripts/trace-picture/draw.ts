import type { ReadableSpan } from '@opentelemetry/sdk-trace';

const P = 'grpc_breaker.circuit_breaker.';
const WIDTH = 1_000;
const LEFT = 330;
const ROW = 22;

interface Row {
  readonly span: ReadableSpan;
  readonly y: number;
  readonly from: number;
  readonly to: number;
  readonly label: string;
  readonly kind: 'transition' | 'open' | 'failed' | 'rejected' | 'call';
}

/** Draws the spans of an outage as SVG: the trace of the trip above, the calls that it is linked with below. */
export function drawTrace(spans: readonly ReadableSpan[]): string {
  const start = Math.min(...spans.map((span) => ms(span.startTime)));
  const end = Math.max(...spans.map((span) => ms(span.endTime)));
  const x = (time: number): number => LEFT + ((time - start) / (end - start)) * (WIDTH - LEFT - 20);
  const own = spans.filter(({ name }) => name.startsWith(P)).toSorted(byStart);
  const calls = spans.filter(({ name }) => !name.startsWith(P)).toSorted(byStart);
  const top = 46;
  const rows = [...own, ...calls].map((span, index): Row => {
    const y = top + index * ROW + (index >= own.length ? 34 : 0);
    return { span, y, from: x(ms(span.startTime)), to: x(ms(span.endTime)), label: labelOf(span), kind: kindOf(span) };
  });
  const callsTop = top + own.length * ROW + 18;
  const height = callsTop + 24 + calls.length * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    STYLE,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="12" y="24">One outage, one trace (${Math.round(end - start)} ms)</text>`,
    `<text class="title" x="12" y="${callsTop + 4}">The caller's client spans</text>`,
    ...links(rows),
    ...rows.map(drawRow),
    '</svg>\n',
  ].join('\n');
}

const STYLE = `<style>
  .page { fill: #fff } .title { font-weight: 600; fill: #222 } .label { fill: #333 } .link { fill: none; stroke: #b3261e; stroke-dasharray: 3 3 } .back { stroke: #5f6b7a }
  .transition { fill: #b3261e } .well { fill: #1a7f37 } .open { fill: #e8a33d } .failed { fill: #b3261e } .rejected { fill: #5f6b7a } .call { fill: #4a86c8 }
  @media (prefers-color-scheme: dark) { .page { fill: #14171c } .title { fill: #eee } .label { fill: #ccc } .back { stroke: #9aa7b8 } }
</style>`;

function drawRow({ y, from, to, label, kind, span }: Row): string {
  const text = `<text class="label" x="12" y="${y + 12}">${escapeText(label)}</text>`;
  if (kind !== 'transition')
    return `${text}<rect class="${kind}" x="${round(from)}" y="${y + 3}" width="${round(Math.max(3, to - from))}" height="11" rx="2"/>`;
  const colour = span.status.code === 2 ? 'transition' : 'well';
  return `${text}<path class="${colour}" d="M${round(from)} ${y + 1}l7 8l-7 8l-7 -8z"/>`;
}

/** From a trip to the calls that caused it, and from spared calls back to it. */
function links(rows: readonly Row[]): string[] {
  const bySpan = new Map(rows.map((row) => [row.span.spanContext().spanId, row]));
  return rows.flatMap((row) =>
    row.span.links.flatMap(({ context }) => {
      const other = bySpan.get(context.spanId);
      if (other === undefined) return [];
      const isBack = row.kind !== 'transition';
      // A call that tripped the breaker links to the trip, which links to it: one line is enough.
      if (isBack && other.span.links.some((link) => link.context.spanId === row.span.spanContext().spanId)) return [];
      const middle = (row.y + other.y) / 2 + 9;
      return `<path class="link${isBack ? ' back' : ''}" d="M${round(row.from)} ${row.y + 9}Q${round(row.from - 26)} ${round(middle)} ${round(other.from)} ${other.y + 9}"/>`;
    }),
  );
}

function labelOf({ name, attributes, status, links: linked }: ReadableSpan): string {
  const own = (key: string): string => String(attributes[P + key]);
  if (name === `${P}transition`)
    return `transition: ${own('previous_state')} to ${own('state')}, ${own('reason')}${linked.length > 0 ? `, ${linked.length} links` : ''}`;
  if (name === `${P}open`) return `open: ${own('rejected.count')} calls refused`;
  const how = attributes[`${P}rejected`] === true ? 'refused by the breaker' : status.code === 2 ? 'UNAVAILABLE' : 'OK';
  return `${name.replace(/^.*\//, '')}: ${how}`;
}

function kindOf({ name, attributes, status }: ReadableSpan): Row['kind'] {
  if (name === `${P}transition`) return 'transition';
  if (name === `${P}open`) return 'open';
  if (attributes[`${P}rejected`] === true) return 'rejected';
  return status.code === 2 ? 'failed' : 'call';
}

function byStart(a: ReadableSpan, b: ReadableSpan): number {
  return ms(a.startTime) - ms(b.startTime);
}

function ms([seconds, nanos]: ReadableSpan['startTime']): number {
  return seconds * 1_000 + nanos / 1e6;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
