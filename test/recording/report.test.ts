import { beforeAll, describe, expect, it } from 'vitest';
import { backtest } from '../../src/recording/backtest.ts';
import type { BacktestResult } from '../../src/recording/backtest-result.ts';
import { formatReport } from '../../src/recording/format-report.ts';
import { renderTimeline } from '../../src/recording/render-timeline.ts';
import { hostileRecording, POLICIES } from './helpers/hostile-recording.ts';

let result: BacktestResult;

beforeAll(async () => {
  const { file, remove } = hostileRecording();
  result = await backtest({ ...POLICIES, recordings: file });
  remove();
});

describe('the report', () => {
  it('has each policy in a column, and what was refused in vain beside what was avoided', () => {
    const lines = formatReport(result).split('\n');
    expect(lines[0]).toMatch(/^400 calls of 1 process, 2026-11-18 \d\d:\d\d:\d\d to .* UTC \(4 s\)$/);
    expect(lines[2]).toMatch(/^ +as it happened +policy +policy \(against\)$/);
    expect(lines.find((line) => line.startsWith('refused, would have failed'))?.split(/ {2,}/)).toEqual([
      'refused, would have failed (avoided)',
      '0',
      '95',
      '91',
    ]);
    expect(lines.find((line) => line.startsWith('trips'))?.split(/ {2,}/)).toEqual(['trips', '0', '1', '1']);
    expect(lines.join('\n')).toContain('5 failures in a row (trips at 5)');
  });

  it('lets no name steer a terminal, and stays in its width', () => {
    const text = formatReport(result, { width: 120 });
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u);
    for (const line of text.split('\n').filter((own) => !own.startsWith('- '))) expect(line.length).toBeLessThanOrEqual(120);
  });

  it('colours what was harm only where there is some', () => {
    const painted: [string, string][] = [];
    const paint = (style: string, text: string): string => {
      painted.push([style, text]);
      return text;
    };
    formatReport(result, { paint });
    expect(painted).toContainEqual(['green', '95']);
    expect(painted.filter(([style, text]) => style !== 'dim' && text === '0')).toEqual([]);
  });
});

describe('the timeline', () => {
  it('as a picture is well-formed, with every name as a text, and asks for nothing', () => {
    const svg = renderTimeline(result, 'svg');
    expect(svg).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(svg).not.toMatch(/<script|href=|url\(/);
    const opened = Array.from(svg.matchAll(/<([a-z]+)\b[^>]*?(\/?)>/g))
      .filter(([, , isEmpty]) => isEmpty === '')
      .map(([, name]) => name);
    const closed = Array.from(svg.matchAll(/<\/([a-z]+)>/g), ([, name]) => name);
    expect(countsOf(opened)).toEqual(countsOf(closed));
    // Both policies opened it once, and let a trial through.
    expect(svg.match(/class="open" x="\d+/g)).toHaveLength(2 + 1);
    expect(svg).toContain('prefers-color-scheme: dark');
  });

  it('as a page has the same, in a policy that lets nothing in from outside', () => {
    const html = renderTimeline(result, 'html');
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"`);
    expect(html).not.toContain('<script>alert');
    expect(html).not.toMatch(/(src|href)="/);
  });
});

function countsOf(names: readonly (string | undefined)[]): Record<string, number> {
  return Object.fromEntries(names.map((name = '') => [name, names.filter((other) => other === name).length]));
}
