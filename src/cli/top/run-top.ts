import { parseDuration } from '../../policy/units.ts';
import { systemClock, wallClockNow } from '../../system-clock.ts';
import { connect } from '../admin-client.ts';
import { type CliError, usageError } from '../cli-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { paintFor, print, say, type Terminal } from '../terminal.ts';
import { BreakerFeed } from './breaker-feed.ts';
import { LiveView } from './live-view.ts';
import { inOrder } from './order.ts';
import { type RatedBreaker, RateMeter } from './rates.ts';
import type { TopOptions } from './top-options.ts';
import { topTable } from './top-table.ts';

/** A change is drawn this soon, however many there are. */
const FRAME_MS = 100;
const SHORTEST_MS = 100;

/** How signals end it. */
const ENDS: Partial<Record<NodeJS.Signals, ExitCode>> = {
  SIGINT: EXIT.INTERRUPTED,
  SIGTERM: EXIT.TERMINATED,
  SIGHUP: EXIT.HUNG_UP,
};

/** Watches the breakers: live on a terminal, line after line elsewhere. */
export async function runTop(options: TopOptions, terminal: Terminal): Promise<ExitCode> {
  const { json, count = Infinity, name = '', sort } = options;
  const intervalMs = parseDuration(options.interval);
  if (intervalMs === undefined || intervalMs < SHORTEST_MS) {
    throw usageError(`--interval ${options.interval} is no interval`, 'give a duration of at least 100ms, such as 1s');
  }
  if (!(count >= 1)) throw usageError(`--count ${count} is no number of times`, 'give a whole number from 1 on');
  const isLive = terminal.stdout.isTTY && terminal.stdout.columns > 0 && terminal.stdout.rows > 0 && json !== true;
  const client = await connect(options, terminal);
  const meter = new RateMeter();
  let view: LiveView | undefined;
  let ticks = 0;
  let timer: NodeJS.Timeout | undefined;
  let frame: NodeJS.Timeout | undefined;
  let wasLost = false;

  const { promise, resolve, reject } = Promise.withResolvers<ExitCode>();
  const rated = (): RatedBreaker[] => meter.rated(feed.breakers(), systemClock.now());
  const tick = (): void => {
    ticks += 1;
    if (view !== undefined) view.draw();
    else printOnce();
    meter.sample(feed.breakers(), systemClock.now());
    if (ticks >= count) resolve(EXIT.OK);
  };
  const printOnce = (): void => {
    const shown = inOrder(rated(), sort, false).filter((one) => one.name.toLowerCase().includes(name.toLowerCase()));
    // oxlint-disable-next-line no-restricted-globals -- it formats a time of the wall clock, and reads none
    const time = new Date(wallClockNow()).toISOString();
    const { address } = options;
    if (json === true) print(terminal, JSON.stringify({ time, address, connected: feed.lost === undefined, breakers: shown }));
    else print(terminal, `${time}  ${address}\n${topTable(shown, { width: Infinity, paint: paintFor(terminal) })}\n`);
  };
  const changed = (): void => {
    if (timer === undefined && feed.isReady) {
      if (isLive) {
        const data = () => ({ address: options.address, breakers: rated(), events: feed.events, lost: feed.lost });
        view = new LiveView(terminal, sort, name, data, resolve);
        view.enter();
      }
      tick();
      timer = setInterval(tick, intervalMs);
    }
    if (!isLive && feed.lost !== undefined && !wasLost) say(terminal, `warning: ${feed.lost.why}; trying again`);
    wasLost = feed.lost !== undefined;
    frame ??= setTimeout(() => {
      frame = undefined;
      view?.draw();
    }, FRAME_MS);
  };
  const feed = new BreakerFeed(client, systemClock, parseDuration(options.timeout) ?? 0, {
    changed,
    failed: (error: CliError) => reject(error),
  });
  const stop = (signal: NodeJS.Signals): void => resolve(ENDS[signal] ?? EXIT.FAILED);
  // The terminal has to be given back first.
  for (const signal of Object.keys(ENDS)) process.once(signal, stop);
  try {
    feed.start();
    return await promise;
  } finally {
    clearInterval(timer);
    clearTimeout(frame);
    feed.end();
    view?.leave();
    client.close();
    for (const signal of Object.keys(ENDS)) process.off(signal, stop);
  }
}
