import type { Clock } from '../core/clock.ts';
import { silence } from '../core/silence.ts';
import type { WarningHandler } from './ports.ts';
import type { SignalEvent, SignalListener, SignalReading, SignalStatus } from './signal.ts';
import type { SignalWatch } from './signal-watches.ts';

/** So much of an error's text is kept, in characters. */
const KEPT_ERROR = 300;

/** Listens to one signal and keeps how it stands. What the signal does wrong is counted, and never thrown. */
export class SignalWatcher {
  readonly #watch: SignalWatch;
  readonly #clock: Clock;
  readonly #onWarning: WarningHandler;
  #reading: SignalReading | undefined;
  #readAtMs: number | undefined;
  #errors = 0;
  #lastError: string | undefined;
  #end: unknown;
  #isEnded = false;
  #standing: SignalEvent['standing'] = 'quiet';
  readonly #onEvent: (event: SignalEvent) => void;

  /** @param onEvent - hears when it begins to fire, falls quiet or has no readings any more */
  constructor(watch: SignalWatch, clock: Clock, onWarning: WarningHandler, onEvent: (event: SignalEvent) => void) {
    this.#watch = watch;
    this.#clock = clock;
    this.#onWarning = onWarning;
    this.#onEvent = onEvent;
  }

  /** Begins to listen; `onFiring` hears the readings that fire. */
  start(onFiring: (reading: SignalReading) => void): void {
    const listener: SignalListener = {
      reading: (reading) => {
        if (this.#isEnded) return;
        if (typeof (reading as Partial<SignalReading> | null | undefined)?.firing !== 'boolean') {
          this.#failed(new TypeError('a reading without firing: true or false'));
          return;
        }
        this.#reading = reading;
        this.#readAtMs = this.#clock.now();
        this.#lastError = undefined;
        this.#stand(reading.firing ? 'firing' : 'quiet');
        if (reading.firing) onFiring(reading);
      },
      failed: (error) => this.#failed(error),
    };
    try {
      this.#end = this.#watch.signal().subscribe(listener);
      // An async subscribe is a mistake, but its rejection must not end the process.
      silence(this.#end, (error) => this.#failed(error));
      if (typeof this.#end !== 'function') this.#failed(new TypeError('subscribe returned no function that ends it'));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** How it stands. */
  get status(): SignalStatus {
    return {
      signal: this.#watch.name,
      policies: Array.from(this.#watch.policies, ({ path }) => path),
      firing: this.#reading?.firing === true && this.#lastError === undefined,
      value: this.#reading?.value,
      lastReadingAtMs: this.#readAtMs,
      errors: this.#errors,
      lastError: this.#lastError,
    };
  }

  /** Stops listening. */
  stop(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (typeof this.#end !== 'function') return;
    try {
      silence(this.#end(), (error) => this.#warnOfEnd(error));
    } catch (error) {
      this.#warnOfEnd(error);
    }
  }

  #warnOfEnd(error: unknown): void {
    this.#onWarning(`signal ${this.#watch.name} failed when it was ended`, error);
  }

  #stand(standing: SignalEvent['standing']): void {
    if (standing === this.#standing) return;
    this.#standing = standing;
    const { signal, policies, value, lastError: error } = this.status;
    this.#onEvent({ type: 'signal', signal, policies, standing, value, error, atMs: this.#clock.now() });
  }

  /** Once per outage of the signal, not once per question. */
  #failed(error: unknown): void {
    if (this.#isEnded) return;
    const isFirst = this.#lastError === undefined;
    this.#errors++;
    this.#lastError = textOf(error);
    this.#stand('failing');
    if (isFirst)
      this.#onWarning(`signal ${this.#watch.name} has no reading, so it changes no breaker: ${this.#lastError}`, error);
  }
}

function textOf(error: unknown): string {
  try {
    return (error instanceof Error ? error.message : String(error)).slice(0, KEPT_ERROR);
  } catch {
    return 'an error without a text';
  }
}
