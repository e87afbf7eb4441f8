import type { Contender, ContenderKind, SimCall, World } from './contender.ts';
import { RollingCounts } from './rolling-counts.ts';

const VOLUME = 20;
const ERROR_SHARE = 0.5;
const SLEEP_MS = 5_000;
const WINDOW_MS = 10_000;
const SNAPSHOT_MS = 500;

/**
 * The rules of Hystrix 1.5 with its defaults, after its wiki ("How it Works" and "Configuration") and HystrixCircuitBreaker.java: health counts are
 * published every 500 ms over the 10 s before (`metrics.healthSnapshot.intervalInMilliseconds`, `metrics.rollingStats.timeInMilliseconds`); with
 * at least 20 calls (`requestVolumeThreshold`) of which 50 % failed (`errorThresholdPercentage`) it opens; after 5 s
 * (`sleepWindowInMilliseconds`) one call is let through, whose success closes it and begins the counts anew. Calls that it refused do not count.
 * Its own timeout of 1 s is longer than the callers' deadlines here.
 */
class Hystrix implements Contender {
  readonly #world: World;
  readonly #counts = new RollingCounts(WINDOW_MS, WINDOW_MS / SNAPSHOT_MS);
  #state: 'closed' | 'open' | 'halfOpen' = 'closed';
  #openedMs = 0;
  #publishedUntilMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  attempt(call: SimCall): void {
    const now = this.#world.clock.nowMs;
    this.#publish(now);
    if (this.#state === 'open' && now > this.#openedMs + SLEEP_MS) {
      this.#state = 'halfOpen';
      return call.begin();
    }
    if (this.#state === 'closed') call.begin();
    else call.refuse();
  }

  ended(_call: SimCall, failed: boolean): void {
    const now = this.#world.clock.nowMs;
    this.#publish(now);
    // Any result decides a trial, as HystrixCommand's markSuccess and markNonSuccess do.
    if (this.#state === 'halfOpen') {
      this.#state = failed ? 'open' : 'closed';
      this.#openedMs = now;
      if (!failed) this.#counts.clear();
    }
    this.#counts.add(failed, now);
  }

  /** The snapshots whose time has come since it was last asked: between them nothing changes but their windows. */
  #publish(nowMs: number): void {
    const untilMs = Math.floor(nowMs / SNAPSHOT_MS) * SNAPSHOT_MS;
    if (untilMs <= this.#publishedUntilMs) return;
    this.#publishedUntilMs = untilMs;
    const { calls, failures } = this.#counts;
    this.#counts.advance(nowMs);
    if (this.#state !== 'closed' || calls < VOLUME || failures < ERROR_SHARE * calls) return;
    this.#state = 'open';
    this.#openedMs = nowMs;
    this.#world.onTrip();
  }
}

/** Hystrix's rules and defaults. */
export const hystrix: ContenderKind = {
  name: 'Hystrix (rules)',
  isAsync: false,
  isOurs: false,
  make: (world) => new Hystrix(world),
};
