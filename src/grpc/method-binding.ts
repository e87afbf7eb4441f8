import type { InterceptorOptions, Metadata } from '@grpc/grpc-js';
import type { Clock } from '../core/clock.ts';
import type { CallRecorder } from '../policy/call-recorder.ts';
import type { MethodMatcher } from '../policy/method-matcher.ts';
import type { MethodPolicy } from '../policy/policy.ts';
import type { CallObserver, Fallback, FallbackFinder, WarningHandler } from '../policy/ports.ts';
import type { BreakerEntry, BreakerRegistry } from '../policy/registry.ts';
import type { ShadowHandler } from '../policy/shadow-event.ts';
import { breakerKey, onlyText } from './breaker-key.ts';
import type { InFlight } from './in-flight.ts';
import { RecentEntries } from './recent-entries.ts';

/** What all protected calls share. */
export interface ProtectionContext {
  readonly registry: BreakerRegistry;
  readonly observer: CallObserver;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClockNow: () => number;
  /** Finds policies. Another one, since a reload: what was bound by the one before is not bound any more. */
  matcher: MethodMatcher;
  findFallback: FallbackFinder;
  readonly onWarning: WarningHandler;
  /** Writes calls down. */
  readonly recorder?: CallRecorder | undefined;
  /** The calls under way. */
  readonly inFlight: InFlight;
  /** Hears what a policy that observes would have done. */
  readonly shadow?: ShadowHandler | undefined;
}

/** One method on one target, with all that its calls need. */
export class MethodBinding {
  readonly context: ProtectionContext;
  readonly target: string;
  /** `pkg.Service/Method`. */
  readonly method: string;
  readonly isRequestStream: boolean;
  readonly isResponseStream: boolean;
  /** Many requests, many responses. */
  readonly isBidi: boolean;
  /** Many requests, one response. */
  readonly isClientStreaming: boolean;
  readonly policy: MethodPolicy;
  readonly fallback: Fallback | undefined;
  /** What the policy says is done. Else nothing that callers get is changed, and what would be done is told. */
  readonly enforces: boolean;
  /** Calls that were let through may be answered by the fallback, or would be. */
  readonly replacesFailures: boolean;
  /** A single response is held until its status is there: it may be too late, or replaced, or is stored. */
  readonly withholds: boolean;
  /** Whatever comes is handed through as it is: nothing replaces it, and no answer is too late. */
  readonly isPlain: boolean;
  /** From this age on a single response is not delivered, or would not be, in milliseconds; Infinity for never. */
  readonly staleAfterMs: number;
  /** The deadline that its calls are judged by, in milliseconds; Infinity for none. */
  readonly judgedDeadlineMs: number;
  /** The deadline to set, in milliseconds; Infinity for none. Observing, none is set: what would have missed it counts as failed. */
  readonly ownDeadlineMs: number;
  /** A stream's messages have to come in time. */
  readonly limitsStream: boolean;
  /** Its calls are looked at with each tick: whether enforcement ends them now, or would. */
  readonly isLimited: boolean;
  /** Its breakers look at latency, so that calls under way are told to them. */
  readonly watchesLatency: boolean;
  #fixedEntry: BreakerEntry | undefined;
  readonly #recent = new RecentEntries();
  readonly #warned = new Set<string>();

  constructor(
    context: ProtectionContext,
    target: string,
    definition: InterceptorOptions['method_definition'],
    policy: MethodPolicy,
  ) {
    this.context = context;
    this.target = target;
    this.method = definition.path.replace(/^\//, '');
    this.isRequestStream = definition.requestStream;
    this.isResponseStream = definition.responseStream;
    this.isBidi = definition.requestStream && definition.responseStream;
    this.isClientStreaming = definition.requestStream && !definition.responseStream;
    this.policy = policy;
    this.fallback = context.findFallback(this.method);
    const enforces = policy.breaker.mode === 'enforce';
    this.enforces = enforces;
    const on = this.fallback?.on;
    this.replacesFailures = on !== undefined && (on.failed || on.stale || on.codes.size > 0);
    const { firstMessageWithinMs, messageGapMs } = policy.stream;
    this.limitsStream = this.isResponseStream && Math.min(firstMessageWithinMs, messageGapMs) < Infinity;
    this.staleAfterMs = this.isResponseStream ? Infinity : policy.staleAfterMs;
    const mayChange = enforces && (this.replacesFailures || this.staleAfterMs < Infinity);
    this.withholds = !this.isResponseStream && (mayChange || this.fallback?.remembers === true);
    this.isPlain = this.fallback === undefined && (this.staleAfterMs === Infinity || !enforces);
    this.judgedDeadlineMs = Math.min(policy.deadlineMs, this.staleAfterMs);
    this.isLimited = this.limitsStream || (!enforces && this.judgedDeadlineMs < Infinity);
    const { adaptive, latencySlo, slowCallRate } = policy.breaker.trip;
    this.watchesLatency = adaptive !== undefined || latencySlo !== undefined || slowCallRate !== undefined;
    this.ownDeadlineMs = enforces ? this.judgedDeadlineMs : Infinity;
  }

  /** The breaker of a call. Where its key cannot be made, the one of target and method serves. */
  entryFor(metadata: Metadata, request: unknown): BreakerEntry {
    const fixed = this.#fixedEntry;
    if (fixed !== undefined && !fixed.evicted) {
      fixed.recentlyUsed = true;
      return fixed;
    }
    const { target, method, policy } = this;
    const text = this.#onlyText(metadata, request);
    const recent = text === undefined ? undefined : this.#recent.find(text);
    if (recent !== undefined) return recent;
    const entry = this.context.registry.acquire(this.#keyOf(metadata, request), policy, target, method);
    if (text !== undefined) this.#recent.remember(text, entry);
    if (policy.key.isFixed && !entry.isOverflow) this.#fixedEntry = entry;
    return entry;
  }

  /** Reports what was kept away from calls, each thing once: it may come with every call. */
  warnOnce(message: string, error: unknown): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.context.onWarning(`${message} (said once)`, error);
  }

  #warnOfMissing(key: string): void {
    const what = `${this.policy.path}.key found no value in a call of ${this.method}`;
    this.warnOnce(what, new Error(`calls without one share the breaker ${key}`));
  }

  #onlyText(metadata: Metadata, request: unknown): string | undefined {
    try {
      return onlyText(this.policy.key, metadata, request);
    } catch {
      return undefined; // Making the key fails in the same way, and says so.
    }
  }

  #keyOf(metadata: Metadata, request: unknown): string {
    const { target, method, policy } = this;
    try {
      const key = breakerKey(policy.key, { target, method, metadata, request });
      if (key.includes('[]')) this.#warnOfMissing(key);
      return key;
    } catch (error) {
      this.warnOnce(`${policy.path}.key failed for ${method}; target and method are the key`, error);
      return `${target}/${method}`;
    }
  }
}
