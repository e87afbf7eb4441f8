import { healthy } from './build.ts';
import { type Condition, type Scenario, type Span, spanAt } from './scenario.ts';

/** Warming up is not disturbed. */
const QUIET_MS = 10_000;

/**
 * Short trouble, again and again.
 * @param everyMs - from one to the next
 * @param lengthsMs - how long they are, in turns
 * @param during - how the server is then; without it, its answers wait until the trouble is over
 */
export function spread(
  lengthMs: number,
  everyMs: number,
  lengthsMs: readonly number[],
  during: Condition | undefined,
  errorShare?: number,
): Pick<Scenario, 'blips' | 'condition' | 'pauses'> {
  const blips: Span[] = [];
  for (let at = QUIET_MS, k = 0; at + everyMs < lengthMs; at += everyMs, k++) {
    blips.push({ fromMs: at, toMs: at + (lengthsMs[k % lengthsMs.length] as number) });
  }
  const well = healthy(errorShare);
  if (during === undefined) return { blips, pauses: blips, condition: () => well };
  return { blips, pauses: [], condition: (nowMs) => (spanAt(blips, nowMs) >= 0 ? during : well) };
}
