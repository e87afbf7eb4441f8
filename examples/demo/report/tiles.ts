import type { Figures } from '../figures.ts';
import type { DemoResult } from '../result.ts';
import type { Run } from '../run.ts';
import { count, milliseconds } from '../table.ts';

/** The numbers at the top of the page. */
export function tiles(bare: Run, guarded: Run | undefined, result: DemoResult): string {
  const { withoutBreaker: without, withBreaker: guardedFigures } = result;
  if (guarded === undefined || guardedFigures === null) {
    return [
      tile('late', count(without.lateDelivered), `of ${count(bare.log.calls)} answers`),
      tile('errors', count(without.errors), 'delivered to the bot'),
      tile('mean wait', milliseconds(without.meanMs), `99 % waited at most ${milliseconds(without.p99Ms)}`),
    ].join('\n');
  }
  const compared = (name: string, text: (figures: Figures) => string): string =>
    tile(name, text(guardedFigures), `${text(without)} without the breaker`);
  const times = result.trips.flatMap(({ timeToTripMs }) => timeToTripMs ?? []);
  return [
    compared('late at the bot', ({ lateDelivered }) => count(lateDelivered)),
    compared('errors', ({ errors }) => count(errors)),
    compared('99 % waited at most', ({ p99Ms }) => milliseconds(p99Ms)),
    tile('calls spared the server', count(result.rejected), `of ${count(result.calls)}`),
    tile('fallbacks', count(result.fallbacks), '“hold”: the bot stands aside'),
    tile('time to trip', times.length > 0 ? milliseconds(Math.max(...times)) : '–', `longest of ${count(times.length)}`),
    tile('time to recover', milliseconds(result.recoveredMs), 'after the last fault'),
  ].join('\n');
}

function tile(name: string, value: string, note: string): string {
  return `<div class="tile"><span>${name}</span><strong>${value}</strong><small>${note}</small></div>`;
}
