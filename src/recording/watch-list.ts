import type { BreakerEntry } from '../policy/registry.ts';
import type { WatchedCall } from '../policy/watched-call.ts';

/** Puts a call behind the others that its breaker watches. */
export function list(call: WatchedCall, entry: BreakerEntry): void {
  call.isListed = true;
  call.watchPrevious = entry.newestCall;
  if (entry.newestCall === undefined) entry.oldestCall = call;
  else entry.newestCall.watchNext = call;
  entry.newestCall = call;
}

/** Takes it out again. */
export function unlist(call: WatchedCall, entry: BreakerEntry): void {
  const { watchPrevious, watchNext } = call;
  if (watchPrevious === undefined) entry.oldestCall = watchNext;
  else watchPrevious.watchNext = watchNext;
  if (watchNext === undefined) entry.newestCall = watchPrevious;
  else watchNext.watchPrevious = watchPrevious;
  call.watchPrevious = undefined;
  call.watchNext = undefined;
  call.isListed = false;
}
