import { nextText, refusedOf, servedOf, stateStyle, stateText, whyText } from './breaker-texts.ts';
import type { BreakerView } from './breaker-view.ts';
import { formatCount, formatMs, formatShare } from './formats.ts';
import { type Column, drawTable, type TableOptions } from './table.ts';

/** What `list` shows of each breaker. */
const COLUMNS: readonly Column<BreakerView>[] = [
  { title: 'STATE', text: stateText, style: stateStyle },
  { title: 'NAME', text: ({ name }) => name, cut: 'start' },
  { title: 'FOR', text: ({ inStateMs }) => formatMs(inStateMs), isNumber: true, sacrifice: 3 },
  { title: 'NEXT', text: nextText, isNumber: true, sacrifice: 2 },
  { title: 'CALLS', text: ({ calls }) => formatCount(calls.success + calls.failure), isNumber: true, sacrifice: 5 },
  { title: 'FAILED', text: failedText, isNumber: true, sacrifice: 4 },
  { title: 'REFUSED', text: (breaker) => countText(refusedOf(breaker)), isNumber: true, sacrifice: 6 },
  { title: 'FALLBACK', text: (breaker) => countText(servedOf(breaker)), isNumber: true, sacrifice: 7 },
  { title: 'WHY', text: whyText, cut: 'end', sacrifice: 1 },
];

/** The table of `list`. */
export function breakerTable(breakers: readonly BreakerView[], options: TableOptions): string {
  return drawTable(breakers, COLUMNS, options);
}

function failedText({ calls: { success, failure } }: BreakerView): string {
  return success + failure === 0 ? '' : formatShare(failure / (success + failure));
}

function countText(count: number): string {
  return count === 0 ? '' : formatCount(count);
}
