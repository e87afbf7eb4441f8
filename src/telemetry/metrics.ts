import { type BatchObservableResult, createNoopMeter, type Meter, type MeterProvider, metrics } from '@opentelemetry/api';
import type { PolicyEvent } from '../policy/policy-event.ts';
import type { BreakerEntry, BreakerRegistry } from '../policy/registry.ts';
import type { SignalStatus } from '../policy/signal.ts';
import type { Attempt } from './attempt.ts';
import type { BreakerRecord } from './breaker-record.ts';
import { BreakerSeries } from './breaker-series.ts';
import { createInstruments, gauges, type Instruments } from './instruments.ts';
import { PolicySeries } from './policy-series.ts';
import { SCOPE_NAME, SCOPE_VERSION } from './scope.ts';
import { SeriesNames } from './series-names.ts';
import { SignalSeries } from './signal-series.ts';

/** How many breakers are looked at for an evicted one when a new one comes: more than one, so that those who went are never many. */
const STEPS = 2;

/** Where the instruments are now. */
interface Binding {
  readonly meter: Meter;
  readonly instruments: Instruments;
  readonly names: SeriesNames;
}

/**
 * The metrics of a registry's breakers. Counts are read when somebody collects, and what is new is added to the instruments. Instruments
 * that were made before an SDK was registered stay without effect for ever, so they are made anew whenever the provider is another one.
 */
export class Metrics {
  readonly #registry: BreakerRegistry;
  readonly #recordOf: (entry: BreakerEntry) => BreakerRecord;
  readonly #ownProvider: MeterProvider | undefined;
  readonly #attempt: Attempt;
  /** Breakers that have something to report. */
  readonly #met = new Set<BreakerEntry>();
  #lastMet: BreakerEntry | undefined;
  /** Goes round them. */
  #hand: Iterator<BreakerEntry, undefined> = this.#met.values();
  #provider: MeterProvider | undefined;
  #binding: Binding | undefined;
  readonly #signals = new SignalSeries();
  readonly #policy = new PolicySeries();

  /** @param ownProvider - instead of the globally registered one */
  constructor(
    registry: BreakerRegistry,
    recordOf: (entry: BreakerEntry) => BreakerRecord,
    ownProvider: MeterProvider | undefined,
    attempt: Attempt,
  ) {
    this.#registry = registry;
    this.#recordOf = recordOf;
    this.#ownProvider = ownProvider;
    this.#attempt = attempt;
  }

  /** Follows the meter provider. Cheap: called on every call. */
  followProvider(): void {
    const provider = this.#ownProvider ?? metrics.getMeterProvider();
    if (provider === this.#provider) return;
    this.#provider = provider;
    this.#unbind();
    this.#attempt('making the instruments', () => this.#bind(provider));
  }

  /** This breaker has something to report: it is not forgotten where it is evicted before somebody collects. */
  meet(entry: BreakerEntry): void {
    if (entry === this.#lastMet) return;
    this.#lastMet = entry;
    if (this.#met.has(entry)) return;
    this.#attempt('the metrics of evicted breakers', () => this.#lookRound());
    this.#met.add(entry);
  }

  /** Reports these signals. */
  observeSignals(list: () => readonly SignalStatus[]): void {
    this.#signals.of(list);
  }

  /** Another policy came. */
  addPolicy(event: PolicyEvent): void {
    this.#policy.add(event);
  }

  /** An open period is over. */
  recordOpenPeriod(entry: BreakerEntry, lastedMs: number): void {
    if (this.#binding === undefined) return;
    this.#binding.instruments.openDuration.record(lastedMs / 1000, this.#seriesOf(entry, this.#binding).named);
  }

  /** Reports all breakers for the last time, and takes the callback away. */
  dispose(): void {
    this.followProvider();
    this.#attempt('the last metrics', () => this.#finish());
    this.#unbind();
    this.#met.clear();
    this.#lastMet = undefined;
  }

  readonly #collect = (result: BatchObservableResult): void => {
    const binding = this.#binding;
    if (binding === undefined) return;
    this.#signals.report(binding.instruments, false);
    this.#policy.report(binding.instruments);
    this.#policy.observe(binding.instruments, result);
    for (const entry of this.#registry.list()) {
      this.#met.add(entry);
      this.#seriesOf(entry, binding).report(result);
    }
    for (const entry of this.#met) this.#forgetEvicted(entry);
  };

  /** Where keys come and go, those who went do not pile up until somebody collects; a few at a time, since a call waits. */
  #lookRound(): void {
    for (let step = 0; step < STEPS; step++) {
      const { value } = this.#hand.next();
      if (value === undefined) this.#hand = this.#met.values();
      else this.#forgetEvicted(value);
    }
  }

  /** An SDK keeps the last value of a series for ever: those of an evicted breaker go down to 0 where they say that there is something. */
  #forgetEvicted(entry: BreakerEntry): void {
    if (!entry.evicted) return;
    this.#met.delete(entry);
    if (entry === this.#lastMet) this.#lastMet = undefined;
    if (this.#binding !== undefined) this.#seriesOf(entry, this.#binding).finish();
  }

  #finish(): void {
    if (this.#binding === undefined) return;
    this.#signals.report(this.#binding.instruments, true);
    this.#policy.report(this.#binding.instruments);
    for (const entry of new Set([...this.#registry.list(), ...this.#met])) this.#seriesOf(entry, this.#binding).finish();
  }

  #seriesOf(entry: BreakerEntry, { instruments, names }: Binding): BreakerSeries {
    const record = this.#recordOf(entry);
    // Those of an earlier SDK are not this one's.
    if (record.series?.instruments !== instruments) record.series = new BreakerSeries(record, names.of(entry), instruments);
    return record.series;
  }

  #bind(provider: MeterProvider): void {
    const meter = provider.getMeter(SCOPE_NAME, SCOPE_VERSION);
    // There is no SDK.
    if (meter === createNoopMeter()) return;
    const instruments = createInstruments(meter);
    meter.addBatchObservableCallback(this.#collect, gauges(instruments));
    this.#binding = { meter, instruments, names: new SeriesNames(this.#registry) };
  }

  #unbind(): void {
    if (this.#binding === undefined) return;
    const { meter, instruments } = this.#binding;
    this.#binding = undefined;
    this.#signals.forget();
    this.#policy.forget();
    this.#attempt('removing the metrics callback', () => meter.removeBatchObservableCallback(this.#collect, gauges(instruments)));
  }
}
