import { count, escapeMarkup, shortened, timeOfDay } from './texts.ts';
import type { TimelineModel } from './timeline-model.ts';

const WIDTH = 1_000;
const LEFT = 250;
const RIGHT = 20;
const CHART = 56;
const BAND = 12;
const GAP = 14;
const TOP = 58;
const TICKS = 6;
const BARS = 240;

const STYLE = `<style>
  .page { fill: #fff } text { fill: #333 } .title { font-weight: 600; fill: #222 } .soft { fill: #667 } .line { stroke: #d8dde3 }
  .closed { fill: #b9dfc5 } .open { fill: #d1242f } .half { fill: #e8a33d } .failed { fill: #d1242f } .refused { fill: #6b7c93 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #14171c } text { fill: #ccc } .title { fill: #eee } .soft { fill: #98a2ae } .line { stroke: #303741 }
    .closed { fill: #245c3a } .open { fill: #f0616a } .half { fill: #d99a2b } .failed { fill: #f0616a } .refused { fill: #8d9db3 }
  }
</style>`;

/** Draws a timeline as a picture: calls that failed and were refused by time, then each breaker's states, a line for each policy. */
export function timelineSvg(model: TimelineModel): string {
  const { breakers, lanes, others } = model;
  const charts = TOP + lanes.length * (CHART + GAP);
  const rows = breakers.map((_, at) => charts + 24 + at * (lanes.length * (BAND + 2) + 22));
  const bottom = charts + 24 + breakers.length * (lanes.length * (BAND + 2) + 22);
  const height = bottom + 34;
  const most = Math.max(1, ...barsOf(model).flatMap((bars) => bars.map(([failed, refused]) => failed + refused)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    STYLE,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="12" y="22">What each policy does to the same calls</text>`,
    legend(),
    ...ticks(model, bottom),
    ...barsOf(model).flatMap((bars, lane) => chart(bars, lanes[lane] ?? '', TOP + lane * (CHART + GAP), most)),
    ...breakers.flatMap(({ name, bands }, at) => {
      const y = rows[at] ?? 0;
      const label = `<text class="title" x="12" y="${y}">${escapeMarkup(shortened(name, 140, 'start'))}</text>`;
      return [
        label,
        ...bands.flatMap(({ lane, spans }) => band(spans, lanes[lane] ?? '', y + 6 + lane * (BAND + 2), model.lengthMs)),
      ];
    }),
    others > 0 ? `<text class="soft" x="12" y="${bottom + 26}">and ${count(others)} more breakers</text>` : '',
    '</svg>\n',
  ].join('\n');
}

function legend(): string {
  const items = [
    ['failed', 'failed calls let through'],
    ['refused', 'refused calls'],
    ['closed', 'closed'],
    ['open', 'open'],
    ['half', 'half-open'],
  ];
  let x = 12;
  return items
    .map(([kind = '', text = '']) => {
      const item = `<rect class="${kind}" x="${x}" y="33" width="11" height="11" rx="2"/><text x="${x + 16}" y="43">${text}</text>`;
      x += 40 + text.length * 6.4;
      return item;
    })
    .join('');
}

/** Failed and refused calls, in bars that can be seen. */
function barsOf({ failed, refused }: TimelineModel): (readonly [failed: number, refused: number])[][] {
  return failed.map((counts, lane) => {
    const each = Math.ceil(counts.length / BARS);
    return Array.from({ length: Math.ceil(counts.length / each) }, (_, bar) => {
      const sum = (all: readonly number[] = []) =>
        all.slice(bar * each, (bar + 1) * each).reduce((total, value) => total + value, 0);
      return [sum(counts), sum(refused[lane])] as const;
    });
  });
}

function chart(bars: readonly (readonly [number, number])[], title: string, top: number, most: number): string[] {
  const width = (WIDTH - LEFT - RIGHT) / bars.length;
  const base = top + CHART;
  const sums = bars.reduce(([failed, refused], bar) => [failed + bar[0], refused + bar[1]] as const, [0, 0] as const);
  return [
    `<text class="title" x="12" y="${top + 18}">${escapeMarkup(shortened(title, 36, 'start'))}</text>`,
    `<text class="soft" x="12" y="${top + 35}">${count(sums[0])} failed, ${count(sums[1])} refused</text>`,
    `<line class="line" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${base}" y2="${base}"/>`,
    ...bars.flatMap(([failed, refused], at) => {
      const x = LEFT + at * width;
      const high = (failed / most) * CHART;
      const higher = (refused / most) * CHART;
      return [bar('refused', x, base - high - higher, width, higher), bar('failed', x, base - high, width, high)];
    }),
  ].filter((part) => part !== '');
}

function bar(kind: string, x: number, y: number, width: number, height: number): string {
  if (height <= 0) return '';
  return `<rect class="${kind}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"/>`;
}

function band(spans: readonly (readonly [number, number, 0 | 1])[], title: string, y: number, lengthMs: number): string[] {
  const scale = (WIDTH - LEFT - RIGHT) / lengthMs;
  return [
    `<text class="soft" x="${LEFT - 8}" y="${y + 10}" text-anchor="end" font-size="11">${escapeMarkup(shortened(title, 36, 'start'))}</text>`,
    `<rect class="closed" x="${LEFT}" y="${y}" width="${WIDTH - LEFT - RIGHT}" height="${BAND}"/>`,
    ...spans.map(([from, to, isOpen]) => {
      const width = Math.max(0.8, (to - from) * scale);
      return `<rect class="${isOpen === 1 ? 'open' : 'half'}" x="${round(LEFT + from * scale)}" y="${y}" width="${round(width)}" height="${BAND}"/>`;
    }),
  ];
}

function ticks({ from, lengthMs }: TimelineModel, bottom: number): string[] {
  return Array.from({ length: TICKS + 1 }, (_, at) => {
    const x = LEFT + ((WIDTH - LEFT - RIGHT) * at) / TICKS;
    const anchor = at === TICKS ? 'end' : 'middle';
    const text = timeOfDay(from + (lengthMs * at) / TICKS, lengthMs);
    return `<line class="line" x1="${round(x)}" x2="${round(x)}" y1="${TOP - 4}" y2="${bottom}"/><text class="soft" x="${round(x)}" y="${bottom + 12}" text-anchor="${anchor}" font-size="11">${text}</text>`;
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
