import type { Scenario } from '../scenarios/scenario.ts';
import type { Summary } from './summary.ts';
import { count } from './table.ts';
import { harmOf } from './totals.ts';

const LABEL_WIDTH = 330;
const PLOT_WIDTH = 560;
const ROW = 20;
const TOP = 76;
const LEGEND_COLUMN = 215;
const PER_LINE = 4;
const COLOURS: readonly string[] = [
  '#d1242f',
  '#8c959f',
  '#0969da',
  '#54aeff',
  '#1a7f37',
  '#6fdd8b',
  '#9a6700',
  '#8250df',
  '#bf3989',
];

/**
 * A chart of what each contender costs in each scenario: harmful calls let through and calls refused while the server was healthy, a mark each, on a
 * logarithmic scale. Scenarios in which nobody costs anything are left out.
 */
export function harmChart(results: readonly Summary[], scenarios: readonly Scenario[], contenders: readonly string[]): string {
  const shown = scenarios.filter(({ name }) => results.some((row) => row.scenario === name && harmOf(row) > 0));
  const largest = Math.max(10, ...results.map(harmOf));
  const decades = Math.ceil(Math.log10(largest));
  const x = (value: number): number => LABEL_WIDTH + (PLOT_WIDTH * Math.log10(Math.max(1, value))) / decades;
  const height = TOP + shown.length * ROW + 40;
  const bottom = TOP + shown.length * ROW;
  const parts: string[] = [];
  for (let decade = 0; decade <= decades; decade++) {
    const at = x(10 ** decade).toFixed(1);
    parts.push(`<line x1="${at}" x2="${at}" y1="${TOP - 6}" y2="${bottom}" stroke="#d0d7de"/>`);
    parts.push(`<text x="${at}" y="${bottom + 16}" text-anchor="middle">${count(10 ** decade)}</text>`);
  }
  parts.push(`<text x="${LABEL_WIDTH}" y="${bottom + 32}">calls per run, logarithmic; 1 stands for 0 too</text>`);
  shown.forEach(({ name, title }, i) => {
    const y = TOP + i * ROW + ROW / 2;
    parts.push(`<text x="${LABEL_WIDTH - 10}" y="${y + 4}" text-anchor="end">${escape(title)}</text>`);
    parts.push(`<line x1="${LABEL_WIDTH}" x2="${LABEL_WIDTH + PLOT_WIDTH}" y1="${y}" y2="${y}" stroke="#eaeef2"/>`);
    // The first one, ours, is drawn last and on top.
    for (const [k, contender] of [...contenders.entries()].toReversed()) {
      const row = results.find((result) => result.scenario === name && result.contender === contender);
      if (row !== undefined) parts.push(mark(x(harmOf(row)), y, k));
    }
  });
  contenders.forEach((contender, k) => {
    const left = 20 + (k % PER_LINE) * LEGEND_COLUMN;
    const y = 34 + Math.floor(k / PER_LINE) * 16;
    parts.push(mark(left, y - 4, k), `<text x="${left + 10}" y="${y}">${escape(contender)}</text>`);
  });
  const width = LABEL_WIDTH + PLOT_WIDTH + 30;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2328">
<rect width="100%" height="100%" fill="#fff"/>
<text x="20" y="16" font-weight="600">Harmful calls let through, and calls refused while the server was healthy</text>
${parts.join('\n')}
</svg>
`;
}

function mark(x: number, y: number, k: number): string {
  const colour = COLOURS[k % COLOURS.length];
  return k === 0
    ? `<rect x="${(x - 5).toFixed(1)}" y="${y - 5}" width="10" height="10" fill="${colour}"/>`
    : `<circle cx="${x.toFixed(1)}" cy="${y}" r="4" fill="${colour}" fill-opacity="0.75"/>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
