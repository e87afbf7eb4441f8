import type { WireEvent } from '../admin-messages.ts';
import { formatMs, formatNumber, formatRate, formatShare } from '../formats.ts';
import { plainText } from '../plain-text.ts';
import type { Style } from '../terminal.ts';
import { eventText } from './event-text.ts';
import type { RatedBreaker } from './rates.ts';
import type { Order } from './top-options.ts';
import { topTable } from './top-table.ts';

/** All that a frame of the live view shows. */
export interface ScreenState {
  readonly address: string;
  /** Those that are shown, in order. */
  readonly breakers: readonly RatedBreaker[];
  /** All there are. */
  readonly all: readonly RatedBreaker[];
  readonly events: readonly WireEvent[];
  readonly lost: { readonly why: string; readonly forMs: number } | undefined;
  readonly order: Order;
  readonly isReversed: boolean;
  /** The first row that is shown. */
  readonly offset: number;
  /** What a name must have in it; empty for all. */
  readonly filter: string;
  /** The filter is being typed. */
  readonly isTyping: boolean;
  readonly hasHelp: boolean;
}

/** How large the terminal is, and how it colours. */
export interface ScreenOptions {
  readonly columns: number;
  readonly rows: number;
  readonly paint: (style: Style, text: string) => string;
}

const HELP = [
  'q  end                 s  sort by the next: attention, name, calls, failed, refused, latency',
  'r  turn round          /  only names that have a text in them, Esc for all',
  'up, down, PgUp, PgDn, Home, End  scroll          h  hide this',
];

/** How many lines there are for rows of the table. */
export function bodyHeight({ rows }: Pick<ScreenOptions, 'rows'>, events: number, hasHelp: boolean): number {
  return Math.max(1, rows - 1 - 4 - eventLines(rows, events) - (hasHelp ? HELP.length : 1));
}

/** A frame: at most a line less than the terminal has, none wider than it is. */
export function drawScreen(state: ScreenState, options: ScreenOptions): string {
  const { breakers, events, offset, hasHelp } = state;
  const { columns, rows, paint } = options;
  const height = bodyHeight(options, events.length, hasHelp);
  const shown = breakers.slice(offset, offset + height);
  const table =
    shown.length === 0 ? [paint('dim', emptyText(state)), ''] : topTable(shown, { width: columns, paint }).split('\n');
  const body = [...table, ...Array.from({ length: Math.max(0, height + 1 - table.length) }, () => '')];
  const lines = [
    paint('bold', fit(`grpc-breaker top  ${plainText(state.address)}`, columns)),
    summary(state, options),
    '',
    ...body.slice(0, height + 1),
  ];
  const told = events.slice(0, Math.max(0, eventLines(rows, events.length) - 1));
  if (told.length > 0) lines.push('');
  for (const event of told) {
    const { text, style } = eventText(event);
    lines.push(paint(style, fit(text, columns)));
  }
  lines.push(...footer(state, height, columns).map((line) => paint('dim', line)));
  return lines.slice(0, Math.max(1, rows - 1)).join('\n');
}

/** Events have a quarter of a terminal that is not small, with an empty line above. */
function eventLines(rows: number, events: number): number {
  return rows < 14 || events === 0 ? 0 : 1 + Math.min(events, Math.floor(rows / 4));
}

function summary({ all, lost }: ScreenState, { columns, paint }: ScreenOptions): string {
  if (lost !== undefined) {
    return paint(
      'red',
      fit(`no connection for ${formatMs(lost.forMs)}, trying again; this is how it was. ${plainText(lost.why)}`, columns),
    );
  }
  const count = (state: string) => all.filter((breaker) => breaker.state === state).length;
  const [open, halfOpen] = [count('open'), count('halfOpen')];
  const calls = total(all, ({ rates }) => rates?.callsPerSecond ?? 0);
  const failed = total(all, ({ rates }) => (rates === null ? 0 : rates.callsPerSecond * (rates.failedShare ?? 0)));
  const refused = total(all, ({ rates }) => rates?.refusedPerSecond ?? 0);
  const parts = [
    formatNumber(all.length, 'breaker'),
    `${open} open`,
    `${halfOpen} half-open`,
    `${formatRate(calls)} calls/s`,
    `${formatShare(calls === 0 ? 0 : failed / calls)} failed`,
    `${formatRate(refused)} refused/s`,
  ];
  const text = fit(parts.join(', '), columns);
  return open > 0 ? paint('red', text) : halfOpen > 0 ? paint('yellow', text) : paint('green', text);
}

function footer(state: ScreenState, height: number, columns: number): string[] {
  const { breakers, offset, order, isReversed, filter, isTyping, hasHelp } = state;
  if (isTyping) return [fit(`/${plainText(filter)}_  Enter keeps it, Esc shows all`, columns)];
  if (hasHelp) return HELP.map((line) => fit(line, columns));
  const last = Math.min(breakers.length, offset + height);
  const place = breakers.length > height ? `${offset + 1}-${last} of ${breakers.length}  ` : '';
  const only = filter === '' ? '' : `only "${plainText(filter)}"  `;
  return [
    fit(`${place}${only}by ${order}${isReversed ? ', turned round' : ''}  q end  s sort  r turn  / filter  h help`, columns),
  ];
}

function emptyText({ all, filter }: ScreenState): string {
  return all.length === 0
    ? 'no breakers yet: they are made by the first call of each method'
    : `no name has "${plainText(filter)}" in it`;
}

function total(all: readonly RatedBreaker[], of: (breaker: RatedBreaker) => number): number {
  return all.reduce((sum, breaker) => sum + of(breaker), 0);
}

function fit(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}
