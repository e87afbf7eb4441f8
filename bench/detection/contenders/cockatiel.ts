import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
  type IBreaker,
  SamplingBreaker,
} from 'cockatiel';
import type { Contender, ContenderKind, SimCall, World } from './contender.ts';
import { DeferredCalls } from './deferred-call.ts';

/** The real cockatiel, by `execute`. Calls that come while its trial is under way wait for what that says, then pass or are refused. */
class Cockatiel implements Contender {
  readonly #policy: CircuitBreakerPolicy;
  readonly #calls = new DeferredCalls();

  constructor(breaker: IBreaker, world: World) {
    this.#policy = circuitBreaker(handleAll, { halfOpenAfter: 5_000, breaker });
    let isClosed = true;
    this.#policy.onStateChange((state) => {
      if (state === CircuitState.Open && isClosed) world.onTrip();
      isClosed = state === CircuitState.Closed;
    });
  }

  attempt(call: SimCall): void {
    const action = (): Promise<void> => {
      call.begin();
      return this.#calls.begin(call.index);
    };
    this.#policy.execute(action).catch((error: unknown) => {
      if (error instanceof BrokenCircuitError) call.refuse();
    });
  }

  ended(call: SimCall, failed: boolean): void {
    this.#calls.end(call.index, failed);
  }
}

function cockatiel(name: string, breaker: () => IBreaker): ContenderKind {
  return { name, isAsync: true, isOurs: false, make: (world) => new Cockatiel(breaker(), world) };
}

/** Over 50 % of at least 20 calls in 5 s. */
export const cockatielSampling: ContenderKind = cockatiel(
  'cockatiel, sampling',
  () => new SamplingBreaker({ threshold: 0.5, duration: 5_000, minimumRps: 4 }),
);

/** Five in a row. */
export const cockatielConsecutive: ContenderKind = cockatiel('cockatiel, five in a row', () => new ConsecutiveBreaker(5));
