import type { BacktestLane, RecordingSummary } from './backtest-result.ts';
import type { LanePolicy } from './lane-policy.ts';

/** What has to be kept in mind when reading a result. */
export function backtestNotes(
  recording: RecordingSummary,
  lanes: readonly BacktestLane[],
  tried: readonly LanePolicy[],
  missing: readonly string[],
  late: number,
): string[] {
  const notes: string[] = [];
  const { refused, calls, dropped, withoutStart, withoutEnd } = recording;
  if (refused > 0) {
    notes.push(
      `${plural(refused, 'call')} of ${calls} were refused live: nobody knows how they would have ended. They are "unknown"; where a policy lets one through, it is judged as if it had not been made`,
    );
  }
  if (recording.modes.includes('observe'))
    notes.push('recorded in mode observe: what would have been refused live counts as refused, and its end is known');
  for (const what of missing) notes.push(`the recording ${what}: files are missing, and breakers begin as new`);
  if (dropped > 0)
    notes.push(`${plural(dropped, 'line')} could not be written when it was recorded, because the disk was too slow`);
  if (withoutStart > 0) notes.push(`${plural(withoutStart, 'call')} began before the recording and are left out`);
  if (withoutEnd > 0) notes.push(`${plural(withoutEnd, 'call')} had not ended when the recording did`);
  if (late > 0) notes.push(`${plural(late, 'call')} came out of order`);
  for (const { title, notes: own } of tried) notes.push(...own.map((note) => (tried.length > 1 ? `${title}: ${note}` : note)));
  for (const { total, title } of lanes) {
    if (total.unprotected > 0) notes.push(`${title}: no policy is for ${plural(total.unprotected, 'call')}, or it is off`);
  }
  return notes;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
