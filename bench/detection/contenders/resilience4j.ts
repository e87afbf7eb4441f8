import type { Contender, ContenderKind, SimCall, World } from './contender.ts';

const WINDOW_CALLS = 100;
const FAILURE_SHARE = 0.5;
const OPEN_MS = 60_000;
const TRIALS = 10;

/**
 * The rules of resilience4j with its defaults, after its documentation ("CircuitBreaker", table of properties): the last 100 calls
 * (`slidingWindowType` COUNT_BASED, `slidingWindowSize` 100, `minimumNumberOfCalls` 100), opens when 50 % failed (`failureRateThreshold`), for 60 s
 * (`waitDurationInOpenState`), then 10 calls (`permittedNumberOfCallsInHalfOpenState`) and the same share decide. Slow calls are those over 60 s
 * (`slowCallDurationThreshold`), which no call here is.
 */
class Resilience4j implements Contender {
  readonly #world: World;
  readonly #window = new Uint8Array(WINDOW_CALLS);
  #calls = 0;
  #failures = 0;
  #state: 'closed' | 'open' | 'halfOpen' = 'closed';
  #openedMs = 0;
  #permits = 0;

  constructor(world: World) {
    this.#world = world;
  }

  attempt(call: SimCall): void {
    if (this.#state === 'open' && this.#world.clock.nowMs >= this.#openedMs + OPEN_MS) {
      this.#state = 'halfOpen';
      this.#permits = TRIALS;
      this.#clear();
    }
    if (this.#state === 'open' || (this.#state === 'halfOpen' && this.#permits-- <= 0)) call.refuse();
    else call.begin();
  }

  ended(_call: SimCall, failed: boolean): void {
    if (this.#state === 'open') return;
    const size = this.#state === 'closed' ? WINDOW_CALLS : TRIALS;
    const at = this.#calls % size;
    if (this.#calls >= size) this.#failures -= this.#window[at] as number;
    this.#window[at] = failed ? 1 : 0;
    if (failed) this.#failures++;
    this.#calls++;
    if (this.#calls < size) return;
    const isSick = this.#failures >= FAILURE_SHARE * size;
    if (isSick) {
      if (this.#state === 'closed') this.#world.onTrip();
      this.#state = 'open';
      this.#openedMs = this.#world.clock.nowMs;
    } else if (this.#state === 'halfOpen') {
      this.#state = 'closed';
      this.#clear();
    }
  }

  #clear(): void {
    this.#calls = 0;
    this.#failures = 0;
    this.#window.fill(0);
  }
}

/** resilience4j's rules and defaults. */
export const resilience4j: ContenderKind = {
  name: 'resilience4j (rules)',
  isAsync: false,
  isOurs: false,
  make: (world) => new Resilience4j(world),
};
