import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { plotOf } from '../../examples/demo/report/plot-data.ts';
import { reportPage } from '../../examples/demo/report/report.ts';
import { resultOf } from '../../examples/demo/result.ts';
import { change, healthy, type SampleCall, sampleRun } from './sample-run.ts';

const faults = [{ fault: 'hang', startMs: 1_000, endMs: 2_000 }] as const;
const changes = [change(1_030, 'closed', 'open'), change(2_300, 'open', 'halfOpen'), change(2_310, 'halfOpen', 'closed')];
const calls: readonly SampleCall[] = [
  [500, 1.23456, 'model'],
  [900, 30, 'model'],
  [1_010, 21, 'failed'],
  [1_500, 0.2, 'rejected'],
  [1_600, 12, 'error'],
  [1_700, undefined, 'error'],
];

describe('what the report draws', () => {
  const plot = plotOf(sampleRun(calls, { faults, changes, lengthMs: 3_000 }));

  test('every call, by who answered it and whether in time', () => {
    expect(plot.x).toEqual([0.5, 0.9, 1.01, 1.5, 1.6, 1.7]);
    expect(plot.y).toEqual([1.235, 30, 21, 0.2, 12, 1_300]);
    expect(plot.marks).toEqual(['model', 'late', 'failed', 'refused', 'error', 'error']);
  });

  test('the states, without gaps, from the start to the end', () => {
    expect(plot.states.map(({ name, from, to }) => [name, from, to])).toEqual([
      ['closed', 0, 1.03],
      ['open', 1.03, 2.3],
      ['halfOpen', 2.3, 2.31],
      ['closed', 2.31, 3],
    ]);
  });

  test('a long run: ordinary answers are thinned out, nothing else', () => {
    const long = [...healthy(0, 100_000), ...calls.slice(1)];
    const { marks } = plotOf(sampleRun(long));
    expect(marks.length).toBeLessThan(31_000);
    expect(marks.filter((mark) => mark !== 'model')).toEqual(['late', 'failed', 'refused', 'error', 'error']);
  });
});

describe('the page', () => {
  const guarded = sampleRun(calls, { faults, changes });
  const bare = sampleRun(calls, { faults, isProtected: false });
  const page = reportPage(bare, guarded, resultOf(bare, guarded), ['a <b> was late']);

  test('asks nothing of any network', () => {
    expect(page).not.toMatch(/<(script|img|iframe)[^>]+src=|<link|@import|url\(|fetch\(|XMLHttpRequest|WebSocket|import\(/);
  });

  test('has every part filled in', () => {
    expect(page).not.toMatch(/\{\{[A-Z_]+\}\}/);
    expect(page).toContain('uPlot');
    expect(page).toContain('new ResizeObserver');
  });

  test('holds its data as a script that runs', () => {
    const script = /<script>(const RUNS = .*?)<\/script>/s.exec(page)?.[1];
    const runs = runInNewContext(`${script}; JSON.stringify(RUNS)`) as string;
    expect(JSON.parse(runs)).toEqual([plotOf(bare), plotOf(guarded)]);
  });

  test('says what was not protected, as text', () => {
    expect(page).toContain('Not protected: a &lt;b&gt; was late.');
  });
});
