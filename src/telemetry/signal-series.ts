import type { Attributes, BatchObservableResult } from '@opentelemetry/api';
import type { SignalStatus } from '../policy/signal.ts';
import type { Instruments } from './instruments.ts';
import { ATTRIBUTES } from './names.ts';

/** So much of a signal's name, which may be a query, stands in its series. */
const KEPT_NAME = 100;

/** The series of the signals from outside: how often each had no reading, and whether it fires. Signals that share a name share a series. */
export class SignalSeries {
  readonly #attributes = new Map<string, Attributes>();
  #list: () => readonly SignalStatus[] = () => [];

  /** Reports these signals from now on. */
  of(list: () => readonly SignalStatus[]): void {
    this.#list = list;
  }

  /** Reports how they stand. */
  observe(result: BatchObservableResult, instruments: Instruments): void {
    const series = new Map<string, { errors: number; firing: boolean }>();
    for (const { signal, errors, firing } of this.#list()) {
      const name = signal.slice(0, KEPT_NAME);
      const known = series.get(name);
      series.set(name, { errors: (known?.errors ?? 0) + errors, firing: firing || known?.firing === true });
    }
    for (const [name, { errors, firing }] of series) {
      result.observe(instruments.signalErrors, errors, this.#attributesOf(name));
      result.observe(instruments.signalFiring, firing ? 1 : 0, this.#attributesOf(name));
    }
  }

  #attributesOf(name: string): Attributes {
    let attributes = this.#attributes.get(name);
    if (attributes === undefined) {
      attributes = { [ATTRIBUTES.signal]: name };
      this.#attributes.set(name, attributes);
    }
    return attributes;
  }
}
