import type { BreakerEvent, TransitionEvent } from '../../../src/core/events.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { UNJUDGED } from '../../../src/core/permit.ts';
import type { CallRecorder } from '../../../src/policy/call-recorder.ts';
import type { IgnoredCause } from '../../../src/policy/ignored-cause.ts';
import { MethodMatcher } from '../../../src/policy/method-matcher.ts';
import { type Policy, parsePolicy } from '../../../src/policy/policy.ts';
import { BreakerRegistry } from '../../../src/policy/registry.ts';
import { seededRandom } from '../../../src/recording/random.ts';
import { Slot } from '../../../src/recording/replay-call.ts';
import { ReplayWatch } from '../../../src/recording/replay-watch.ts';
import { ManualClock } from '../../../src/testing/index.ts';

/** When a recorder of these tests begins, in milliseconds since 1970. */
export const BEGAN = 1_795_000_000_000;

/** A call of a live run. */
export interface LiveCall {
  readonly atMs: number;
  readonly tookMs: number;
  /** @default OK */
  readonly code?: number;
  /** Why it is ignored. */
  readonly cause?: IgnoredCause;
  readonly target?: string;
  readonly method?: string;
  readonly deadlineMs?: number;
}

/** What a live run did. */
export interface LiveRun {
  readonly transitions: readonly TransitionEvent[];
  readonly refused: number;
  readonly passed: number;
}

interface Step {
  readonly atMs: number;
  readonly run: (nowMs: number) => void;
}

/** Plays calls to real breakers, by a clock of its own, as the interceptor does, and tells a recorder of them. */
export function playLive(
  policy: Policy,
  calls: readonly LiveCall[],
  recorder: CallRecorder,
  seed = 7,
  lateTicks: () => number = () => 0,
): LiveRun {
  const clock = new ManualClock(5_000.125);
  const originMs = clock.now();
  recorder.begin({ clock, wallClockNow: () => BEGAN, onWarning: (message, error) => expectNone(message, error) });
  const parsed = parsePolicy(policy);
  const matcher = new MethodMatcher(parsed);
  const transitions: TransitionEvent[] = [];
  const onEvent = (event: BreakerEvent) => {
    recorder.event(event);
    if (event.type === 'transition') transitions.push(event);
  };
  const registry = new BreakerRegistry(parsed.maxBreakers, { clock, random: recorder.drawing(seededRandom(seed)), onEvent });
  const watch = new ReplayWatch({ next: undefined }, (entry, slot, ageMs, nowMs) => entry.breaker.watch(slot, ageMs, nowMs));
  let passed = 0;
  let refused = 0;
  const steps: Step[] = [];
  const later = (step: Step) => {
    const place = steps.findIndex((other) => other.atMs > step.atMs);
    if (place < 0) steps.push(step);
    else steps.splice(place, 0, step);
  };
  const begin = (call: LiveCall) => (nowMs: number) => {
    const { target = 'server', method = 'pkg.Service/Method', code = 0, cause, deadlineMs = Infinity, tookMs } = call;
    const policyOf = matcher.find(method);
    if (policyOf === undefined) return;
    const entry = registry.acquire(`${target}/${method}`, policyOf, target, method);
    const slot = Object.assign(new Slot(), {
      binding: { method, isResponseStream: false },
      latencyMs: -1,
      recorded: undefined,
    });
    slot.askedMs = nowMs;
    const leftMs = Math.min(deadlineMs, policyOf.deadlineMs);
    if (!entry.breaker.acquire(slot, nowMs, leftMs)) {
      refused++;
      recorder.callRejected(slot, entry, entry.breaker.rejection(nowMs).reason, nowMs, leftMs);
      return;
    }
    passed++;
    recorder.callAdmitted(slot, entry, nowMs, leftMs);
    watch.begin(nowMs * 1000);
    if (slot.permitGeneration !== UNJUDGED) watch.watch(slot, entry);
    const endsBy = Math.min(tookMs, leftMs);
    const endCode = endsBy < tookMs ? 4 : code;
    const outcome: Outcome = cause !== undefined ? 'ignored' : policyOf.failureCodes.has(endCode) ? 'failure' : 'success';
    later({
      atMs: nowMs + endsBy,
      run: (endMs) => {
        watch.end(slot, entry);
        recorder.callEnded(slot, entry, outcome, endCode, cause, endMs - slot.askedMs, Number.NaN, endMs);
        entry.breaker.settle(slot, outcome, endMs - slot.askedMs, endMs, endCode);
      },
    });
  };
  for (const call of calls) steps.push({ atMs: originMs + call.atMs, run: begin(call) });
  steps.sort((one, other) => one.atMs - other.atMs);
  for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
    while (watch.nextUs <= step.atMs * 1000) {
      // A tick that is late comes when something else does, at the latest.
      watch.nextUs = Math.min(step.atMs * 1000, watch.nextUs + 1000 * lateTicks());
      clock.advance(Math.max(0, watch.nextUs / 1000 - clock.now()));
      recorder.stalled(0, clock.now());
      watch.tick();
    }
    clock.advance(Math.max(0, step.atMs - clock.now()));
    step.run(clock.now());
  }
  return { transitions, passed, refused };
}

function expectNone(message: string, error: unknown): never {
  throw new Error(message, { cause: error });
}
