import type { Clock } from '../core/clock.ts';
import type { WarningHandler } from './ports.ts';
import type { BreakerRegistry } from './registry.ts';
import type { SignalEvent, SignalReading, SignalStatus } from './signal.ts';
import { SignalWatcher } from './signal-watcher.ts';
import type { SignalWatch } from './signal-watches.ts';

/** So much of what a signal says is kept, in characters. */
const KEPT_MESSAGE = 500;

/** What says that it holds breakers open for longer is taken at its word for an hour. */
const LONGEST_HOLD_MS = 3_600_000;

/** Hands the signals from outside to the breakers of the policies that name them. Not on any call's way. */
export class SignalHub {
  readonly #watchers = new Map<string, { readonly watch: SignalWatch; readonly watcher: SignalWatcher }>();
  readonly #registry: BreakerRegistry;
  readonly #clock: Clock;
  readonly #onWarning: WarningHandler;
  readonly #onEvent: (event: SignalEvent) => void;
  #isDisposed = false;

  /** Subscribes to every signal at once. */
  constructor(
    watches: readonly SignalWatch[],
    registry: BreakerRegistry,
    clock: Clock,
    onWarning: WarningHandler,
    onEvent: (event: SignalEvent) => void = () => {},
  ) {
    this.#registry = registry;
    this.#clock = clock;
    this.#onWarning = onWarning;
    this.#onEvent = onEvent;
    this.adopt(watches);
  }

  /** Goes over to the signals of another policy. Those that both have go on, with what they know. */
  adopt(watches: readonly SignalWatch[]): void {
    if (this.#isDisposed) return;
    const wanted = new Map(watches.map((watch) => [watch.key, watch]));
    for (const [key, { watch, watcher }] of this.#watchers) {
      const same = wanted.get(key);
      if (same === undefined || same.name !== watch.name) {
        this.#watchers.delete(key);
        watcher.stop();
        continue;
      }
      watch.policies.clear();
      for (const policy of same.policies) watch.policies.add(policy);
    }
    for (const watch of watches) {
      if (this.#watchers.has(watch.key)) continue;
      const watcher = new SignalWatcher(watch, this.#clock, this.#onWarning, this.#onEvent);
      this.#watchers.set(watch.key, { watch, watcher });
      watcher.start((reading) => this.#trip(watch, reading));
    }
  }

  /** How each signal stands. */
  list(): SignalStatus[] {
    return Array.from(this.#watchers.values(), ({ watcher }) => watcher.status);
  }

  /** Ends them all. */
  dispose(): void {
    this.#isDisposed = true;
    for (const { watcher } of this.#watchers.values()) watcher.stop();
  }

  #trip({ name, policies }: SignalWatch, { message, value, threshold, holdForMs }: SignalReading): void {
    const text = typeof message === 'string' ? message.slice(0, KEPT_MESSAGE) : 'fires';
    const cause = { signal: name, message: text, value: numberOf(value), threshold: numberOf(threshold) };
    const hold = Math.min(numberOf(holdForMs) ?? 0, LONGEST_HOLD_MS);
    for (const { breaker, policy } of this.#registry.list()) {
      if (!policies.has(policy)) continue;
      try {
        breaker.tripBySignal(cause, hold);
      } catch (error) {
        this.#onWarning(`signal ${name} could not trip breaker ${breaker.name}`, error);
      }
    }
  }
}

/** What a signal says comes from code of the user's, which may have no types. */
function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && !Number.isNaN(value) ? value : undefined;
}
