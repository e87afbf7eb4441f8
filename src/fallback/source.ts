import type { CauseFilter } from '../policy/fallback-cause.ts';
import type { FallbackAnswer, FallbackCall, ShadowedCall } from '../policy/ports.ts';
import type { SourceContext } from './source-context.ts';

/** What a source answers; undefined for nothing. */
export type SourceAnswer = Omit<FallbackAnswer, 'source' | 'place'> | undefined;

/** One place where a fallback answer may come from. */
export interface FallbackSource {
  /** Its name for callers and metrics. */
  readonly name: string;
  /** It serves only then; undefined for always. */
  readonly when: CauseFilter | undefined;
  /** It is waited for at most so many milliseconds; undefined for the patience that such sources share. */
  readonly timeoutMs: number | undefined;
  /** The answer. May throw or reject. */
  answer(call: FallbackCall, context: SourceContext): SourceAnswer | Promise<SourceAnswer>;
  /** Whether it would answer, without asking anything that could notice. May throw, which is a no. */
  wouldAnswer(call: ShadowedCall): boolean;
}

/** What every source has. */
export type SourceBasics = Pick<FallbackSource, 'name' | 'when' | 'timeoutMs'>;

/** Thrown where what a source has is older than it may be. */
export class TooOldError extends Error {}
