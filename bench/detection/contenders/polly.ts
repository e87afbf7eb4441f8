import type { Contender, ContenderKind, SimCall, World } from './contender.ts';
import { RollingCounts } from './rolling-counts.ts';

const FAILURE_SHARE = 0.1;
const MINIMUM_CALLS = 100;
const SAMPLING_MS = 30_000;
const WINDOWS = 10;
const BREAK_MS = 5_000;

/**
 * The rules of Polly 8 with its defaults, after its documentation ("Circuit breaker resilience strategy") and CircuitStateController.cs: at a failure,
 * when 10 % (`FailureRatio`) of at least 100 calls (`MinimumThroughput`) of the last 30 s (`SamplingDuration`, in 10 windows) failed, it opens for 5 s
 * (`BreakDuration`); then one call is let through. Any success that arrives while it is half-open closes it and begins the counts anew, any
 * failure opens it again.
 */
class Polly implements Contender {
  readonly #world: World;
  readonly #counts = new RollingCounts(SAMPLING_MS, WINDOWS);
  #state: 'closed' | 'open' | 'halfOpen' = 'closed';
  #blockedUntilMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  attempt(call: SimCall): void {
    if (this.#state === 'open' && this.#world.clock.nowMs >= this.#blockedUntilMs) {
      this.#state = 'halfOpen';
      return call.begin();
    }
    if (this.#state === 'closed') call.begin();
    else call.refuse();
  }

  ended(_call: SimCall, failed: boolean): void {
    const now = this.#world.clock.nowMs;
    if (this.#state === 'halfOpen') {
      if (failed) this.#open(now);
      else {
        this.#state = 'closed';
        this.#counts.clear();
      }
      return;
    }
    if (this.#state === 'open') return;
    this.#counts.add(failed, now);
    const { calls, failures } = this.#counts;
    if (!failed || calls < MINIMUM_CALLS || failures < FAILURE_SHARE * calls) return;
    this.#world.onTrip();
    this.#open(now);
  }

  #open(nowMs: number): void {
    this.#state = 'open';
    this.#blockedUntilMs = nowMs + BREAK_MS;
  }
}

/** Polly's rules and defaults. */
export const polly: ContenderKind = { name: 'Polly 8 (rules)', isAsync: false, isOurs: false, make: (world) => new Polly(world) };
