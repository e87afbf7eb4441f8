import CircuitBreaker from 'opossum';
import type { Contender, ContenderKind, SimCall, World } from './contender.ts';
import { DeferredCalls } from './deferred-call.ts';

/** The real opossum, by `fire`. */
class Opossum implements Contender {
  readonly #circuit: CircuitBreaker<[SimCall], void>;
  readonly #calls = new DeferredCalls();

  constructor(options: CircuitBreaker.Options, world: World) {
    const action = (call: SimCall): Promise<void> => {
      call.begin();
      return this.#calls.begin(call.index);
    };
    // Statistics that are shown to people, and take no part in any decision, are off: they sort all latencies at each failure.
    this.#circuit = new CircuitBreaker(action, { ...options, rollingPercentilesEnabled: false, enableSnapshots: false });
    let isClosed = true;
    this.#circuit.on('open', () => {
      if (isClosed) world.onTrip();
      isClosed = false;
    });
    this.#circuit.on('close', () => {
      isClosed = true;
    });
  }

  attempt(call: SimCall): void {
    this.#circuit.fire(call).catch((error: { code?: string }) => {
      if (error.code === 'EOPENBREAKER') call.refuse();
    });
  }

  ended(call: SimCall, failed: boolean): void {
    this.#calls.end(call.index, failed);
  }

  dispose(): void {
    this.#circuit.shutdown();
  }
}

function opossum(name: string, options: CircuitBreaker.Options): ContenderKind {
  return { name, isAsync: true, isOurs: false, make: (world) => new Opossum(options, world) };
}

/** As it comes: over 50 % in 10 s, no minimum, open for 30 s, its own timeout of 10 s. */
export const opossumDefaults: ContenderKind = opossum('opossum, defaults', {});

/** Tuned to be quick: 20 calls, 50 %, all within 5 s, and no timeout of its own. */
export const opossumQuick: ContenderKind = opossum('opossum, quick', {
  timeout: false,
  volumeThreshold: 20,
  errorThresholdPercentage: 50,
  rollingCountTimeout: 5_000,
  resetTimeout: 5_000,
});
