import { stripVTControlCharacters } from 'node:util';

/** Lines up cells in columns, the first one to the left and the others to the right. Styled text keeps its place. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, width(cell))));
  return rows
    .map((row) =>
      row
        .map((cell, column) => pad(cell, widths[column] ?? 0, column === 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

function pad(cell: string, to: number, left: boolean): string {
  const space = ' '.repeat(to - width(cell));
  return left ? cell + space : space + cell;
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length;
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A count with separators, such as `7,500`. */
export function count(value: number): string {
  return whole.format(value);
}

/** A time for people: `1.9 ms`, `140 ms`, `1,001 ms`; a dash for none. */
export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return `${value < 10 ? value.toFixed(1) : count(value)} ms`;
}
