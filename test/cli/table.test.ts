import { expect, it } from 'vitest';
import { type Column, drawTable } from '../../src/cli/table.ts';

interface Row {
  readonly name: string;
  readonly calls: number;
  readonly why: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', text: ({ name }) => name, cut: 'start' },
  { title: 'CALLS', text: ({ calls }) => (calls === 0 ? '' : String(calls)), isNumber: true, sacrifice: 2 },
  { title: 'WHY', text: ({ why }) => why, cut: 'end', sacrifice: 1 },
];

const draw = (rows: readonly Row[], width: number) => drawTable(rows, COLUMNS, { width, paint: (_, text) => text }).split('\n');

const row = (name: string, calls = 7, why = ''): Row => ({ name, calls, why });

it('is as wide as its texts where there is room, numbers at the right', () => {
  expect(draw([row('a/b', 12345, 'because'), row('a/cc', 7)], 80)).toEqual([
    'NAME  CALLS  WHY',
    'a/b   12345  because',
    'a/cc      7',
  ]);
});

it('leaves out what names begin with, where there is no room for it', () => {
  const rows = [row('host:1/pkg.Service/One', 1, 'a long reason that takes its place'), row('host:1/pkg.Service/Two')];
  expect(draw(rows, 60)).toEqual(['NAME   CALLS  WHY', '…/One      1  a long reason that takes its place', '…/Two      7']);
  const others = [row('one:1/Service/A', 1, 'w'.repeat(40)), row('one:2/Service/A')];
  expect(draw(others, 60).slice(1)).toEqual([expect.stringMatching(/^one:1/), expect.stringMatching(/^one:2/)]);
});

it('gives up columns, the dearest first, and is never too wide', () => {
  const rows = [row('n'.repeat(60), 123, 'w'.repeat(60))];
  expect(draw(rows, 60)[0]).toMatch(/NAME +CALLS +WHY/);
  expect(draw(rows, 40)[0]).toMatch(/NAME +WHY/);
  expect(draw(rows, 20)[0]).toBe('NAME');
  for (let width = 5; width < 140; width++) {
    for (const line of draw(rows, width)) expect(line.length).toBeLessThanOrEqual(width);
  }
});

it('leaves out a column without a text, but not in a pipe', () => {
  expect(draw([row('a', 0)], 80)).toEqual(['NAME', 'a']);
  expect(draw([row('a', 0)], Infinity)).toEqual(['NAME  CALLS  WHY', 'a         -  -']);
});

it('counts wide characters as two columns', () => {
  const [, first] = draw([row('模型'.repeat(20), 7, 'why')], 40);
  expect(first).toMatch(/^…(模型|型)+ +7 {2}why$/);
  expect((first?.match(/[模型]/g) ?? []).length * 2).toBeLessThanOrEqual(30);
});
