import type { FallbackCause } from '../policy/fallback-options.ts';
import type { FallbackCall } from '../policy/ports.ts';

/** The response messages of an answer, as bytes; undefined for none. */
export type Messages = readonly Buffer[] | undefined;

/** One place where a fallback answer may come from. */
export interface FallbackSource {
  /** Its name for callers and metrics. */
  readonly name: string;
  /** It serves only then; undefined for always. */
  readonly when: FallbackCause | undefined;
  /** The answer. May throw or reject. */
  answer(call: FallbackCall): Messages | Promise<Messages>;
}
