import Table from 'cli-table3';
import type { BacktestBreaker, BacktestLane, BacktestResult, BacktestTotal } from './backtest-result.ts';
import { count, dateAndTime, plain, shortened, span, timeOfDay } from './texts.ts';

/** Styles of `util.styleText` that are used. */
export type ReportStyle = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** How a report is written. */
export interface ReportOptions {
  /** Characters in a line; Infinity cuts nothing. @default Infinity */
  readonly width?: number;
  /** Colours a text, where there are colours. @default leaves it as it is */
  readonly paint?: (style: ReportStyle, text: string) => string;
}

/** Breakers and trips that are listed. JSON has all of them. */
const MOST_LISTED = 20;

const BARE = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .map((part) => [part, '']),
);
const GAP = 2;

/** A result as a text for people: what each policy did to the calls, its breakers, its trips, and what has to be kept in mind. */
export function formatReport(
  result: BacktestResult,
  { width = Infinity, paint = (_, text) => text }: ReportOptions = {},
): string {
  const { recording, lanes, notes } = result;
  const tried = lanes.filter(({ name }) => name !== 'live');
  const processes = recording.runs === 1 ? '1 process' : `${recording.runs} processes`;
  const length = span(recording.to - recording.from);
  const head = `${count(recording.calls)} calls of ${processes}, ${dateAndTime(recording.from)} to ${dateAndTime(recording.to)} UTC (${length})`;
  const parts = [paint('bold', head), comparison(lanes, paint)];
  if (Math.max(...lanes.map(({ breakers }) => breakers.length)) > 1) parts.push(breakersTable(lanes, width, paint));
  for (const lane of tried) parts.push(tripsOf(lane, recording.to - recording.from, width, paint));
  if (recording.badLines > 0 || recording.problems.length > 0) parts.push(problems(result, paint));
  if (notes.length > 0) parts.push(notes.map((note) => `- ${note}`).join('\n'));
  return parts.join('\n\n');
}

type Paint = NonNullable<ReportOptions['paint']>;

interface Row {
  readonly title: string;
  readonly of: (total: BacktestTotal) => string;
  readonly style?: ReportStyle;
  /** Left out where no lane has any. */
  readonly isRare?: boolean;
}

const ROWS: readonly Row[] = [
  { title: 'trips', of: ({ trips }) => count(trips) },
  { title: 'of them from closed', of: ({ outages }) => count(outages) },
  { title: 'time open, all breakers', of: ({ openMs }) => span(openMs) },
  { title: 'not closed at the end', of: ({ notClosed }) => count(notClosed), isRare: true },
  { title: 'let through, succeeded', of: ({ succeeded }) => count(succeeded) },
  { title: 'let through, failed', of: ({ failed }) => count(failed), style: 'red' },
  { title: 'let through, said nothing', of: ({ ignored }) => count(ignored), isRare: true },
  { title: 'refused, would have failed (avoided)', of: ({ refusedBad }) => count(refusedBad), style: 'green' },
  { title: 'refused, would have succeeded (harm)', of: ({ refusedGood }) => count(refusedGood), style: 'red' },
  { title: 'refused, would have said nothing', of: ({ refusedIgnored }) => count(refusedIgnored), isRare: true },
  { title: 'refused, unknown', of: ({ refusedUnknown }) => count(refusedUnknown), style: 'yellow', isRare: true },
  { title: 'let through, unknown', of: ({ passedUnknown }) => count(passedUnknown), style: 'yellow', isRare: true },
  { title: 'not protected', of: ({ unprotected }) => count(unprotected), isRare: true },
];

function comparison(lanes: readonly BacktestLane[], paint: Paint): string {
  const rows = ROWS.filter(({ of, isRare }) => isRare !== true || lanes.some(({ total }) => of(total) !== '0'));
  const cells = rows.map(({ title, of, style }) => [
    title,
    ...lanes.map(({ total }) => (style === undefined || of(total) === '0' ? of(total) : paint(style, of(total)))),
  ]);
  return draw(['', ...lanes.map(({ title }) => plain(title))], cells, [0], paint);
}

function breakersTable(lanes: readonly BacktestLane[], width: number, paint: Paint): string {
  const names =
    lanes
      .at(1)
      ?.breakers.slice(0, MOST_LISTED)
      .map(({ breaker }) => breaker) ?? [];
  const room = Math.max(20, width - 84);
  const rows = names.flatMap((name) =>
    lanes.flatMap((lane, at) => {
      const own = lane.breakers.find(({ breaker }) => breaker === name);
      return own === undefined ? [] : [[at === 0 ? shortened(name, room, 'start') : '', plain(lane.title), ...figures(own)]];
    }),
  );
  const title = ['breaker', 'under', 'trips', 'open', 'failed', 'avoided', 'harm', 'unknown', 'at the end'];
  const all = lanes.at(1)?.breakers.length ?? 0;
  const rest = all > names.length ? `\n${paint('dim', `and ${count(all - names.length)} more breakers`)}` : '';
  return draw(title, rows, [0, 1, 8], paint) + rest;
}

function figures({
  trips,
  openMs,
  failed,
  refusedBad,
  refusedGood,
  refusedUnknown,
  passedUnknown,
  state,
}: BacktestBreaker): string[] {
  return [
    ...[trips].map(count),
    span(openMs),
    ...[failed, refusedBad, refusedGood, refusedUnknown + passedUnknown].map(count),
    state,
  ];
}

/** Trips from closed: those after trials that failed go on with the same outage. */
function tripsOf({ title, trips, total }: BacktestLane, lengthMs: number, width: number, paint: Paint): string {
  const what = paint('bold', `Trips under ${plain(title)}: ${count(total.trips)}`);
  const outages = trips.filter(({ from }) => from === 'closed').slice(0, MOST_LISTED);
  if (outages.length === 0) return what;
  const room = Math.max(20, Math.floor((width - 28) / 2));
  const rows = outages.map(({ at, breaker, text, openForMs }) => [
    timeOfDay(at, lengthMs),
    shortened(breaker, room, 'start'),
    openForMs === null ? '' : span(openForMs),
    shortened(text, room, 'end'),
  ]);
  const table = draw(['at (UTC)', 'breaker', 'for', 'why'], rows, [0, 1, 3], paint);
  const again = total.trips - total.outages;
  const rest = [
    total.outages > outages.length ? `${count(total.outages - outages.length)} more` : '',
    again > 0 ? `${count(again)} after trials that failed` : '',
  ].filter((text) => text !== '');
  return `${what}\n${table}${rest.length === 0 ? '' : `\n${paint('dim', `and ${rest.join(', ')}`)}`}`;
}

function problems({ recording }: BacktestResult, paint: Paint): string {
  const { badLines, problems } = recording;
  const lines = problems.map(({ file, line, message }) => `  ${plain(file)}${line === 0 ? '' : `:${line}`}: ${message}`);
  const what = `${count(badLines)} line${badLines === 1 ? '' : 's'} could not be read and ${badLines === 1 ? 'is' : 'are'} left out`;
  return [paint('yellow', badLines === 0 ? 'Not all could be read:' : `${what}:`), ...lines].join('\n');
}

/** @param texts - the columns that are no numbers */
function draw(head: readonly string[], rows: readonly (readonly string[])[], texts: readonly number[], paint: Paint): string {
  const table = new Table({
    chars: { ...BARE, middle: ' '.repeat(GAP) },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    head: head.map((title) => paint('dim', title)),
    colAligns: head.map((_, at) => (texts.includes(at) ? 'left' : 'right')),
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
