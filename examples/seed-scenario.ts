/**
 * The smallest useful breaker, around a model that fails 7 times of 10. Run it: npm run example:seed
 */
import { createBreaker } from '../src/index.ts';
import { ManualClock } from '../src/testing/index.ts';
import { type Random, seededRandom } from './random.ts';

/** What the caller gets when the model itself answers. */
export const ANSWERED = 'the model answered';
/** What the caller gets when the model was asked and failed. */
export const FAILED = 'the model failed: here is a safe default';
/** What the caller gets when the circuit is open: the model was not asked. */
export const REFUSED = 'the circuit is open: the model was spared, here is a safe default';

/** How the scenario is played. */
export interface SeedScenario {
  /** How many calls, one each second. */
  readonly calls: number;
  /** Decides which calls fail. */
  readonly random: Random;
  /** Is moved by a second before each call. */
  readonly clock: ManualClock;
}

/**
 * Calls the model once a second through a breaker.
 * @returns one line for each call: the second, the breaker's state after it, what the caller got
 */
export function runSeedScenario({ calls, random, clock }: SeedScenario): string[] {
  const breaker = createBreaker({ trip: { consecutiveFailures: 3 }, openFor: '5s' }, { clock });

  function predict(): string {
    const permit = breaker.tryAcquire();
    if (permit === null) return REFUSED;
    const start = clock.now();
    try {
      const answer = unreliableModel(random);
      permit.success(clock.now() - start);
      return answer;
    } catch {
      permit.failure(clock.now() - start);
      return FAILED;
    }
  }

  return Array.from({ length: calls }, (_, call) => {
    clock.advance(1_000);
    const text = predict();
    return `${String(call + 1).padStart(3)} s  ${breaker.state.padEnd(8)}  ${text}`;
  });
}

function unreliableModel(random: Random): string {
  if (random() < 0.7) throw new Error('out of memory');
  return ANSWERED;
}

if (import.meta.main) {
  const lines = runSeedScenario({ calls: 30, random: seededRandom(64), clock: new ManualClock() });
  console.log(lines.join('\n'));
}
