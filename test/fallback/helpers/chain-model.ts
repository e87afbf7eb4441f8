import { status as Status } from '@grpc/grpc-js';

// What a chain of sources answers, as the docs have it, in a form so simple that it can be seen to be right. Times are in milliseconds.

/** What a source does, and when it is done with it: at once, or later. */
export interface ModelSource {
  readonly does: 'answers' | 'answersError' | 'hasNothing' | 'fails' | 'hangs';
  /** `now` within the call of it, a number of milliseconds later. */
  readonly after: 'now' | number;
  readonly when: 'rejected' | 'failed' | 'stale' | 'notFound' | undefined;
  readonly timeoutMs: number | undefined;
}

/** Why a chain is asked, and how its call ended. */
export interface ModelCause {
  readonly cause: 'rejected' | 'failed' | 'stale';
  readonly code: Status | undefined;
}

/** What may come of it: the place of a source, or `original`. */
export interface Expected {
  readonly winners: ReadonlySet<number | 'original'>;
  /** The last moment at which the call may end, from the time at which the chain was asked. */
  readonly endMs: number;
}

/** Sources that answer within so many milliseconds of their limit may be in time or not. */
const CLOSE_MS = 12;
const PATIENCE_MS = 1_000;
const GRACE_MS = 25;

/** Whether a source is asked. A NOT_FOUND is no failure. */
function isAsked({ when }: ModelSource, { cause, code }: ModelCause): boolean {
  if (when === undefined) return true;
  if (when === 'notFound') return cause === 'failed' && code === Status.NOT_FOUND;
  return when === cause && !(cause === 'failed' && code === Status.NOT_FOUND);
}

/**
 * Goes through a chain.
 * @param leftMs - until the call's deadline, Infinity for none
 */
export function expectChain(sources: readonly ModelSource[], cause: ModelCause, leftMs: number): Expected {
  const winners = new Set<number | 'original'>();
  const limitMs = Math.max(leftMs, cause.cause === 'failed' ? GRACE_MS : 0);
  let endMs = 0;
  const go = (from: number, nowMs: number, sharedEndMs: number | undefined): void => {
    endMs = Math.max(endMs, nowMs);
    for (let place = from; place < sources.length; place++) {
      const source = sources[place] as ModelSource;
      if (!isAsked(source, cause)) continue;
      const wins = source.does === 'answers' || source.does === 'answersError';
      if (source.after === 'now' && source.does !== 'hangs') {
        if (!wins) continue;
        winners.add(place);
        return;
      }
      const sharedMs = sharedEndMs ?? nowMs + PATIENCE_MS;
      const untilMs = Math.max(nowMs, Math.min(source.timeoutMs === undefined ? sharedMs : nowMs + source.timeoutMs, limitMs));
      const afterMs = source.does === 'hangs' ? Infinity : Number(source.after);
      const doneMs = nowMs + afterMs;
      // What is there in the same turn is never too late.
      if (afterMs === 0 || doneMs < untilMs + CLOSE_MS) {
        if (wins) {
          endMs = Math.max(endMs, Math.min(doneMs, untilMs));
          winners.add(place);
        } else go(place + 1, Math.min(doneMs, untilMs), sharedMs);
      }
      if (afterMs !== 0 && doneMs > untilMs - CLOSE_MS) go(place + 1, untilMs, sharedMs);
      return;
    }
    winners.add('original');
  };
  go(0, 0, undefined);
  return { winners, endMs };
}
