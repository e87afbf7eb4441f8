import type { Evidence } from '../../../src/core/verdict.ts';

/** A call that spoke against the dependency. */
export interface Noted {
  readonly atMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
  readonly code: number;
  /** It stands here already, from when it was found to be slow. */
  readonly isKnown: boolean;
}

/** What a verdict should say was seen, from all calls that were noted in this era. */
export function evidenceByHand(noted: readonly Noted[]): Evidence | undefined {
  const first = noted.findLastIndex(({ atMs }, i) => atMs - (noted[i - 1]?.atMs ?? Number.NEGATIVE_INFINITY) > 10_000);
  const span = noted.slice(Math.max(0, first));
  const [from, to] = [span[0], span.at(-1)];
  if (from === undefined || to === undefined) return undefined;
  const codes: Record<number, number> = {};
  for (const { failed, code } of span) if (failed && code >= 0) codes[code] = (codes[code] ?? 0) + 1;
  return {
    spanMs: to.atMs - from.atMs,
    bad: span.filter(({ isKnown }) => !isKnown).length,
    codes,
    calls: span.slice(-8).map(({ atMs, durationMs, failed, code }) => ({ atMs, durationMs, failed, code })),
  };
}
