import type { SignalStatus } from '../policy/signal.ts';
import type { Instruments } from './instruments.ts';
import { ATTRIBUTES } from './names.ts';
import { type Line, Told } from './told.ts';

/** So much of a signal's name, which may be a query, stands in its series. */
const KEPT_NAME = 100;

const ERRORS: Line = { key: 'errors', attributes: {} };
const FIRING: Line = { key: 'firing', attributes: {} };

/** The series of the signals from outside: how often each had no reading, and whether it fires. Signals that share a name share a series. */
export class SignalSeries {
  #told = new Map<string, Told>();
  #list: () => readonly SignalStatus[] = () => [];

  /** Reports these signals from now on. */
  of(list: () => readonly SignalStatus[]): void {
    this.#list = list;
  }

  /** Tells how they stand. */
  report({ signalErrors, signalFiring }: Instruments, isLast: boolean): void {
    const series = new Map<string, { errors: number; firing: boolean }>();
    for (const { signal, errors, firing } of this.#list()) {
      const name = signal.slice(0, KEPT_NAME);
      const known = series.get(name);
      series.set(name, { errors: (known?.errors ?? 0) + errors, firing: firing || known?.firing === true });
    }
    for (const [name, { errors, firing }] of series) {
      const told = this.#told.get(name) ?? new Told({ [ATTRIBUTES.signal]: name });
      this.#told.set(name, told);
      told.tell(signalErrors, ERRORS, errors);
      told.tell(signalFiring, FIRING, firing && !isLast ? 1 : 0);
    }
  }

  /** There is another SDK, which was told nothing yet. */
  forget(): void {
    this.#told = new Map();
  }
}
