import { type BatchObservableResult, type Meter, type MeterProvider, metrics } from '@opentelemetry/api';
import type { BreakerEntry, BreakerRegistry } from '../policy/registry.ts';
import type { SignalStatus } from '../policy/signal.ts';
import type { Attempt } from './attempt.ts';
import type { BreakerRecord } from './breaker-record.ts';
import { BreakerSeries } from './breaker-series.ts';
import { createInstruments, type Instruments, observables } from './instruments.ts';
import { SCOPE_NAME, SCOPE_VERSION } from './scope.ts';
import { SignalSeries } from './signal-series.ts';

/** Where the instruments are now. */
interface Binding {
  readonly meter: Meter;
  readonly instruments: Instruments;
}

/**
 * The metrics of a registry's breakers. Counts are read when somebody collects. Instruments that were made before an SDK was registered
 * stay without effect for ever, so they are made anew whenever the provider is another one than before.
 */
export class Metrics {
  readonly #registry: BreakerRegistry;
  readonly #recordOf: (entry: BreakerEntry) => BreakerRecord;
  readonly #ownProvider: MeterProvider | undefined;
  readonly #attempt: Attempt;
  readonly #series = new Map<BreakerEntry, BreakerSeries>();
  #provider: MeterProvider | undefined;
  #binding: Binding | undefined;
  #isDisposed = false;
  readonly #signals = new SignalSeries();

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

  /** Reports the errors of these signals. */
  observeSignals(list: () => readonly SignalStatus[]): void {
    this.#signals.of(list);
  }

  /** An open period is over. */
  recordOpenPeriod(record: BreakerRecord, lastedMs: number): void {
    this.#binding?.instruments.openDuration.record(lastedMs / 1000, record.nameOnly);
  }

  /** From the next collection on there are no breakers: it reports each for the last time, and takes the callback away. */
  dispose(): void {
    this.#isDisposed = true;
    if (this.#series.size === 0) this.#unbind();
  }

  readonly #collect = (result: BatchObservableResult): void => {
    if (this.#binding === undefined) return;
    const { instruments } = this.#binding;
    this.#signals.observe(result, instruments);
    if (this.#isDisposed) this.#finishAll(result, instruments);
    else this.#observeAll(result, instruments);
  };

  #observeAll(result: BatchObservableResult, instruments: Instruments): void {
    for (const entry of this.#registry.list()) {
      let series = this.#series.get(entry);
      if (series === undefined) {
        series = new BreakerSeries(this.#recordOf(entry));
        this.#series.set(entry, series);
      }
      series.observe(result, instruments);
    }
    for (const [entry, series] of this.#series) {
      if (!entry.evicted) continue;
      this.#series.delete(entry);
      // An SDK keeps the last value of a series for ever. The name may have come back meanwhile, as another breaker.
      if (this.#registry.get(entry.breaker.name) === undefined) series.finish(result, instruments);
    }
  }

  #finishAll(result: BatchObservableResult, instruments: Instruments): void {
    for (const series of this.#series.values()) series.finish(result, instruments);
    this.#series.clear();
    // Not here: the SDK is going through its callbacks.
    queueMicrotask(() => this.#unbind());
  }

  #bind(provider: MeterProvider): void {
    const meter = provider.getMeter(SCOPE_NAME, SCOPE_VERSION);
    const instruments = createInstruments(meter);
    meter.addBatchObservableCallback(this.#collect, observables(instruments));
    this.#binding = { meter, instruments };
  }

  #unbind(): void {
    if (this.#binding === undefined) return;
    const { meter, instruments } = this.#binding;
    this.#binding = undefined;
    this.#attempt('removing the metrics callback', () =>
      meter.removeBatchObservableCallback(this.#collect, observables(instruments)),
    );
  }
}
