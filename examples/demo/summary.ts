import { figuresOf, recoveredMs, service, tripsOf } from './figures.ts';
import { verdict } from './judgement.ts';
import type { DemoResult } from './result.ts';
import type { Run } from './run.ts';
import type { Style } from './style.ts';
import { count, milliseconds, table } from './table.ts';

/**
 * What the demo says at its end.
 * @param missing - what was not protected; see `shortcomings`
 */
export function summary(
  bare: Run,
  guarded: Run | undefined,
  result: DemoResult,
  missing: readonly string[],
  style: Style,
): string {
  const parts = [comparison(bare, guarded, result, style)];
  if (guarded !== undefined && bare.faults.length > 0) parts.push(faultTable(bare, guarded, style));
  const colour = guarded === undefined ? 'yellow' : missing.length > 0 ? 'red' : 'green';
  parts.push(
    verdict(guarded, missing)
      .map((sentence) => style(colour, sentence))
      .join('\n'),
  );
  return parts.join('\n\n');
}

function comparison(bare: Run, guarded: Run | undefined, result: DemoResult, style: Style): string {
  const runs = guarded === undefined ? [bare] : [bare, guarded];
  const figures = runs.map(figuresOf);
  const row = (name: string, cells: readonly string[]): string[] => [name, ...cells];
  const rows = [
    row(
      '',
      runs.map(({ title }) => style('bold', title)),
    ),
    row(
      'predictions asked for',
      runs.map(({ log }) => count(log.calls)),
    ),
    row(
      'delivered late (over 25 ms)',
      figures.map(({ lateDelivered }) => style(lateDelivered > 0 ? 'red' : 'green', count(lateDelivered))),
    ),
    row(
      'errors',
      figures.map(({ errors }) => style(errors > 0 ? 'red' : 'green', count(errors))),
    ),
    row(
      'mean wait',
      figures.map(({ meanMs }) => milliseconds(meanMs)),
    ),
    row(
      '99 % waited at most',
      figures.map(({ p99Ms }) => milliseconds(p99Ms)),
    ),
    row(
      'bot bought / sold / held',
      runs.map(({ log: { actions } }) => `${count(actions.buy)} / ${count(actions.sell)} / ${count(actions.hold)}`),
    ),
  ];
  if (guarded !== undefined) {
    rows.splice(
      2,
      0,
      row('fallbacks ("hold")', ['–', count(result.fallbacks)]),
      row('calls spared the server', ['–', count(result.rejected)]),
    );
    rows.push(row('time to recover, last fault', ['–', milliseconds(result.recoveredMs)]));
  }
  return table(rows);
}

function faultTable(bare: Run, guarded: Run, style: Style): string {
  const trips = tripsOf(guarded);
  const header = ['fault', 'without: late', 'errors', 'tripped by', 'time to trip', 'calls spared', 'recovered in'];
  const rows = guarded.faults.map((window, index) => {
    const trip = trips.find(({ fault }) => fault === window.fault);
    const hurt = bare.faults[index];
    const harm = hurt && service(bare, hurt.startMs, hurt.endMs);
    // Calls are spared until the breaker closes again, which is a while after the fault.
    const next = guarded.faults[index + 1]?.startMs ?? guarded.lengthMs;
    return [
      window.fault,
      count(harm?.late ?? 0),
      count(harm?.error ?? 0),
      trip === undefined ? style('red', 'no trip') : trip.reason,
      milliseconds(trip?.timeToTripMs),
      count(service(guarded, window.startMs, next).rejected),
      milliseconds(recoveredMs(guarded, window)),
    ];
  });
  return table([header.map((cell) => style('bold', cell)), ...rows]);
}
