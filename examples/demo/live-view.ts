import { createLogUpdate } from 'log-update';
import { percentile, waits } from './figures.ts';
import type { Run } from './run.ts';
import { FAULT_TEXT } from './schedule.ts';
import { type Style, styleFor } from './style.ts';
import { count, milliseconds } from './table.ts';

/** Shows a run while it goes on. */
export interface LiveView {
  /** A run begins. */
  readonly follow: (run: Run) => void;
  /** It is over: its last picture stays. */
  readonly rest: () => void;
}

const REDRAW_MS = 250;
const LINE_EVERY_MS = 2_000;
const BAND_WIDTH = 60;

/**
 * Shows runs on a terminal, redrawn in place; on anything else as a plain line now and then.
 * @param stream - stdout, or stderr where stdout is for something else
 */
export function liveView(stream: NodeJS.WriteStream): LiveView {
  const style = styleFor(stream);
  const redraw = createLogUpdate(stream);
  let timer: NodeJS.Timeout | undefined;
  let finish = (): void => {};
  return {
    follow(run) {
      const draw = stream.isTTY
        ? () => redraw(picture(run, style))
        : () => void stream.write(`${run.title}  ${seconds(run)}  ${line(run)}\n`);
      finish = () => {
        draw();
        if (stream.isTTY) redraw.done();
      };
      timer = setInterval(draw, stream.isTTY ? REDRAW_MS : LINE_EVERY_MS);
    },
    rest() {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      finish();
    },
  };
}

function line(run: Run): string {
  const { log } = run;
  const held = run.protected ? `, breaker ${state(run)}, ${count(fallbacks(run))} fallbacks` : '';
  return `${fault(run)}${held}, ${count(rate(run))}/s, P99 ${milliseconds(p99(run))}, ${count(log.late)} late, ${count(log.sources.error)} errors`;
}

function picture(run: Run, style: Style): string {
  const { log } = run;
  const ill = fault(run);
  const late = style(log.late > 0 ? 'red' : 'green', count(log.late));
  const errors = style(log.sources.error > 0 ? 'red' : 'green', count(log.sources.error));
  const rows = [
    ['server', style(ill === 'healthy' ? 'green' : 'red', FAULT_TEXT[ill])],
    ['calls', `${count(rate(run))}/s   P99 ${milliseconds(p99(run))}   late ${late}   errors ${errors}`],
    ['bot', `bought ${count(log.actions.buy)}   sold ${count(log.actions.sell)}   held ${count(log.actions.hold)}`],
  ];
  if (run.protected) {
    const { rejected, failed } = log.sources;
    rows.splice(1, 0, ['breaker', coloured(state(run), state(run), style)]);
    rows.push([
      'fallbacks',
      `${count(fallbacks(run))} (${count(rejected)} refused at once, ${count(failed)} after a failed call)`,
    ]);
  }
  const body = rows.map(([name = '', text = '']) => `  ${name.padEnd(10)} ${text}`);
  return [`${style('bold', run.title)}  ${seconds(run)}`, `  ${band(run, style)}`, ...body, ''].join('\n');
}

/** The run so far as a row of blocks: the breaker's state, or without a breaker the server's. */
function band(run: Run, style: Style): string {
  const done = Math.floor((BAND_WIDTH * Math.min(run.now(), run.lengthMs)) / run.lengthMs);
  const cells = Array.from({ length: BAND_WIDTH }, (_, index) => {
    if (index >= done) return style('dim', '·');
    // The worst within the cell: open periods are shorter than a cell.
    const from = (index * run.lengthMs) / BAND_WIDTH;
    const to = ((index + 1) * run.lengthMs) / BAND_WIDTH;
    if (run.protected) return coloured(worstState(run, from, to), '█', style);
    return style(run.faults.some(({ startMs, endMs }) => startMs < to && endMs > from) ? 'red' : 'green', '█');
  });
  return cells.join('');
}

function worstState(run: Run, fromMs: number, toMs: number): string {
  const before = run.changes.findLast(({ atMs }) => atMs <= fromMs)?.to ?? 'closed';
  const states = [before, ...run.changes.filter(({ atMs }) => atMs > fromMs && atMs < toMs).map(({ to }) => to)];
  return states.includes('open') ? 'open' : states.includes('halfOpen') ? 'halfOpen' : 'closed';
}

function coloured(of: string, text: string, style: Style): string {
  return style(of === 'closed' ? 'green' : of === 'open' ? 'red' : 'yellow', text);
}

function state(run: Run): string {
  return run.changes.at(-1)?.to ?? 'closed';
}

function fault(run: Run): keyof typeof FAULT_TEXT {
  const window = run.faults.at(-1);
  return window !== undefined && window.endMs === Number.POSITIVE_INFINITY ? window.fault : 'healthy';
}

function fallbacks({ log: { sources } }: Run): number {
  return sources.rejected + sources.failed;
}

function seconds(run: Run): string {
  return `${(Math.min(run.now(), run.lengthMs) / 1000).toFixed(1)} s of ${run.lengthMs / 1000} s`;
}

/** Calls asked in the last second. */
function rate(run: Run): number {
  return run.log.calls - firstOfLastSecond(run);
}

/** Over the calls of the last second. */
function p99(run: Run): number {
  return percentile(waits(run.log, firstOfLastSecond(run)), 0.99);
}

function firstOfLastSecond({ log, now }: Run): number {
  const since = Math.min(now(), log.at(log.calls - 1).askedMs) - 1_000;
  let call = log.calls;
  while (call > 0 && log.at(call - 1).askedMs > since) call--;
  return call;
}
