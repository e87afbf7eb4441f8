import type { PermitSlot } from '../core/permit.ts';

/** A call under way in the list of its breaker, which it is a link of, so that listing it allocates nothing. Times are of the registry's clock. */
export interface WatchedCall extends PermitSlot {
  /** When the dependency had all it needs to answer, in milliseconds. */
  readonly askedMs: number;
  /** What the stall detector had counted then, see src/grpc/stalls.ts. */
  readonly lateBeforeMs: number;
  /** The one asked before it; undefined for the oldest. Only the list writes it. */
  watchPrevious: WatchedCall | undefined;
  /** The one asked after it; undefined for the newest. Only the list writes it. */
  watchNext: WatchedCall | undefined;
  /** It is in the list. Only the list writes it. */
  isListed: boolean;
}
