import Table from 'cli-table3';
import { plainText } from './plain-text.ts';
import type { Style } from './terminal.ts';

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly style?: (row: Row) => Style | undefined;
  /** Numbers stand at the right. @default left */
  readonly isNumber?: boolean;
  /** Columns of a higher number go first where the terminal is narrow; 0 for those that stay. @default 0 */
  readonly sacrifice?: number;
  /** Takes what is left of the width, and is cut. `start` keeps the end of its texts. @default as wide as its texts */
  readonly cut?: 'start' | 'end';
}

/** How a table is drawn. */
export interface TableOptions {
  /** Characters in a line; Infinity for a pipe: nothing is cut. */
  readonly width: number;
  readonly paint: (style: Style, text: string) => string;
}

const GAP = 2;
/** A cut column that would be narrower than this costs another column its place. */
const LEAST = 18;

const BARE = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '' },
  ...{
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: ' '.repeat(GAP),
  },
};

/** Draws rows in columns without lines, a title above each, as wide as the width at most. */
export function drawTable<Row>(rows: readonly Row[], all: readonly Column<Row>[], { width, paint }: TableOptions): string {
  // What goes into a pipe has the same columns each time, and something in each.
  const isPiped = width === Infinity;
  const textOf = (column: Column<Row>, row: Row) => plainText(column.text(row)) || (isPiped ? '-' : '');
  const cells = new Map(all.map((column) => [column, rows.map((row) => textOf(column, row))]));
  const isUsed = (column: Column<Row>) =>
    isPiped || column.sacrifice === undefined || cells.get(column)?.some((text) => text !== '') === true;
  if (!isPiped) for (const column of all) if (column.cut === 'start') withoutShared(cells, all, column, width);
  const widest = (column: Column<Row>) => Math.max(column.title.length, ...(cells.get(column) ?? []).map(widthOf));
  const natural = new Map(all.map((column) => [column, widest(column)]));
  const columns = fitting(all.filter(isUsed), natural, width);
  const widths = columnWidths(columns, natural, width);
  const table = new Table({
    chars: BARE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    head: columns.map(({ title, isNumber }, at) =>
      paint('dim', aligned(shorten(title, widths[at] ?? 0, 'end'), widths[at] ?? 0, isNumber)),
    ),
    colWidths: widths,
  });
  rows.forEach((row, index) => {
    table.push(
      columns.map((column, at) => {
        const text = shorten(cells.get(column)?.[index] ?? '', widths[at] ?? 0, column.cut ?? 'end');
        const style = column.style?.(row);
        const placed = aligned(text, widths[at] ?? 0, column.isNumber);
        return style === undefined ? placed : paint(style, placed);
      }),
    );
  });
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Where the table is too wide, `…/` stands for what all texts of a column begin with, up to their last `/` in common. */
function withoutShared<Row>(
  cells: Map<Column<Row>, string[]>,
  all: readonly Column<Row>[],
  column: Column<Row>,
  width: number,
): void {
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map(widthOf));
  const needed = all.reduce((total, one) => total + GAP + Math.max(one.title.length, widest(cells.get(one) ?? [])), -GAP);
  const texts = cells.get(column) ?? [];
  if (needed <= width || texts.length === 0) return;
  const [first = ''] = texts;
  let shared = first.lastIndexOf('/');
  for (const text of texts)
    while (shared > 0 && !text.startsWith(first.slice(0, shared + 1))) shared = first.lastIndexOf('/', shared - 1);
  if (shared > 0)
    cells.set(
      column,
      texts.map((text) => `…${text.slice(shared)}`),
    );
}

/** The columns that there is room for. */
function fitting<Row>(all: readonly Column<Row>[], natural: ReadonlyMap<Column<Row>, number>, width: number): Column<Row>[] {
  const columns = [...all];
  const needed = () =>
    columns.reduce((total, column) => {
      const own = natural.get(column) ?? 0;
      return total + (column.cut === undefined ? own : Math.min(own, LEAST)) + GAP;
    }, -GAP);
  while (needed() > width) {
    const dearest = Math.max(...columns.map(({ sacrifice = 0 }) => sacrifice));
    if (dearest === 0) break;
    columns.splice(
      columns.findLastIndex(({ sacrifice = 0 }) => sacrifice === dearest),
      1,
    );
  }
  return columns;
}

/** Columns that are cut share what the others leave: each gets what it needs, or an even part. */
function columnWidths<Row>(columns: readonly Column<Row>[], natural: ReadonlyMap<Column<Row>, number>, width: number): number[] {
  const wanted = columns.map((column) => natural.get(column) ?? 0);
  const fixed = columns.reduce((total, { cut }, at) => total + (cut === undefined ? (wanted[at] ?? 0) : 0), 0);
  let room = width - fixed - GAP * (columns.length - 1);
  let sharing = columns.flatMap(({ cut }, at) => (cut === undefined ? [] : [at]));
  const widths = [...wanted];
  for (;;) {
    const even = Math.floor(room / sharing.length);
    const small = sharing.filter((at) => (wanted[at] ?? 0) <= even);
    if (sharing.length === 0) break;
    if (small.length === 0) {
      for (const at of sharing) widths[at] = Math.max(1, even);
      break;
    }
    for (const at of small) room -= wanted[at] ?? 0;
    sharing = sharing.filter((at) => !small.includes(at));
  }
  // cli-table3 takes 0 for "as wide as the text".
  return widths.map((own) => Math.max(1, own));
}

function aligned(text: string, width: number, isNumber: boolean | undefined): string {
  return isNumber === true ? ' '.repeat(Math.max(0, width - widthOf(text))) + text : text;
}

/** Cuts a text to a width. */
function shorten(text: string, width: number, cut: 'start' | 'end'): string {
  if (widthOf(text) <= width) return text;
  const characters = Array.from(text);
  let kept = '';
  for (const character of cut === 'end' ? characters : characters.toReversed()) {
    const next = cut === 'end' ? kept + character : character + kept;
    if (widthOf(next) > width - 1) break;
    kept = next;
  }
  return cut === 'end' ? `${kept}…` : `…${kept}`;
}

/** East Asian characters and emoji are two columns wide on terminals, marks that combine none. */
function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += /\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
