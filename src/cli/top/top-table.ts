import { nextText, stateStyle, stateText, whyText } from '../breaker-texts.ts';
import { formatMs, formatRate, formatShare } from '../formats.ts';
import { type Column, drawTable, type TableOptions } from '../table.ts';
import type { RatedBreaker, Rates } from './rates.ts';

/** What `top` shows of each breaker. */
const COLUMNS: readonly Column<RatedBreaker>[] = [
  { title: 'STATE', text: stateText, style: stateStyle },
  { title: 'NAME', text: ({ name }) => name, cut: 'start' },
  { title: 'FOR', text: ({ inStateMs }) => formatMs(inStateMs), isNumber: true, sacrifice: 5 },
  { title: 'NEXT', text: nextText, isNumber: true, sacrifice: 4 },
  { title: 'CALLS/S', text: ({ rates }) => rateText(rates, 'callsPerSecond'), isNumber: true, sacrifice: 2 },
  { title: 'FAILED', text: failedText, style: failedStyle, isNumber: true, sacrifice: 3 },
  { title: 'P99', text: latencyText, style: latencyStyle, isNumber: true, sacrifice: 6 },
  { title: 'NOW', text: ({ inFlight }) => (inFlight === 0 ? '' : String(inFlight)), isNumber: true, sacrifice: 9 },
  { title: 'REFUSED/S', text: ({ rates }) => rateText(rates, 'refusedPerSecond'), isNumber: true, sacrifice: 7 },
  { title: 'FALLBACK/S', text: ({ rates }) => rateText(rates, 'fallbacksPerSecond'), isNumber: true, sacrifice: 8 },
  { title: 'WHY', text: whyText, cut: 'end', sacrifice: 1 },
];

/** The table of `top`. */
export function topTable(breakers: readonly RatedBreaker[], options: TableOptions): string {
  return drawTable(breakers, COLUMNS, options);
}

function rateText(rates: Rates | null, which: 'callsPerSecond' | 'refusedPerSecond' | 'fallbacksPerSecond'): string {
  if (rates === null) return '';
  return rates[which] === 0 && which !== 'callsPerSecond' ? '' : formatRate(rates[which]);
}

function failedText({ rates }: RatedBreaker): string {
  return rates === null || rates.failedShare === null ? '' : formatShare(rates.failedShare);
}

function failedStyle({ rates }: RatedBreaker): 'red' | undefined {
  return (rates?.failedShare ?? 0) > 0 ? 'red' : undefined;
}

function latencyText({ latency }: RatedBreaker): string {
  if (latency === null || latency.p99Ms === null) return '';
  return latency.limitMs === null ? formatMs(latency.p99Ms) : `${formatMs(latency.p99Ms)} / ${formatMs(latency.limitMs)}`;
}

function latencyStyle({ latency }: RatedBreaker): 'red' | undefined {
  return (latency?.limitedMs ?? 0) > (latency?.limitMs ?? Infinity) ? 'red' : undefined;
}
