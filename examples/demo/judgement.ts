import { figuresOf, service, tripsOf } from './figures.ts';
import type { Run } from './run.ts';

/** The share of calls that the model itself has to answer in time for service to be called normal. */
const NORMAL = 0.95;
/** Without faults, the share of the run at its end that has to be normal. */
const CALM_SHARE = 0.2;

/**
 * Says what was not protected: something reached the bot late, a fault hurt the bare run and tripped nothing, or service was not normal at the end.
 * @param bare - the run without the breaker
 * @param guarded - the run with it
 * @returns one sentence each; none means protected
 */
export function shortcomings(bare: Run, guarded: Run): string[] {
  const found: string[] = [];
  const { lateDelivered } = figuresOf(guarded);
  if (lateDelivered > 0)
    found.push(`${lateDelivered} ${lateDelivered === 1 ? 'answer' : 'answers'} reached the bot late${blame(guarded)}`);

  const tripped = new Set(tripsOf(guarded).map(({ fault }) => fault));
  for (const { fault, startMs, endMs } of bare.faults) {
    const { late, error } = service(bare, startMs, endMs);
    if (late + error > 0 && !tripped.has(fault)) found.push(`no trip for "${fault}", which hurt the run without the breaker`);
  }

  const { calls, byModelInTime } = service(guarded, calmStart(guarded), guarded.lengthMs);
  if (byModelInTime < NORMAL * calls || calls === 0) {
    found.push(`service was not normal at the end: the model answered ${byModelInTime} of the last ${calls} calls in time`);
  }
  const open = new Set(lastStates(guarded).filter((state) => state !== 'closed'));
  if (open.size > 0) found.push(`a breaker was ${[...open].join(' and ')} at the end`);
  return found;
}

/** What the demo concludes, one sentence each; the first word tells success from failure. */
export function verdict(guarded: Run | undefined, missing: readonly string[]): string[] {
  if (guarded === undefined) return ['Run without the breaker only: nothing was protected.'];
  if (missing.length > 0) return missing.map((sentence) => `Not protected: ${sentence}.`);
  const tripped =
    guarded.faults.length > 0
      ? ', every fault that hurt tripped the breaker, and service is normal again'
      : ', and service was normal';
  return [`Protected: nothing reached the bot late${tripped}.`];
}

/** The last third of what came after the last fault: before, the breaker may still be finding out. */
function calmStart(run: Run): number {
  const healed = run.faults.at(-1)?.endMs;
  if (healed === undefined) return (1 - CALM_SHARE) * run.lengthMs;
  return run.lengthMs - Math.max(0, run.lengthMs - healed) / 3;
}

function lastStates(run: Run): string[] {
  return [...new Map(run.changes.map(({ breaker, to }) => [breaker, to])).values()];
}

function blame({ longestStallMs }: Run): string {
  return longestStallMs > 5
    ? ` (the bot's own process stood still for up to ${Math.round(longestStallMs)} ms: a busy machine?)`
    : '';
}
