import { type Histogram, type Meter, type MetricOptions, type Observable, ValueType } from '@opentelemetry/api';
import { METRICS } from './names.ts';

/** Seconds: from a breaker that opens and closes at once to an outage of half an hour. */
const OPEN_DURATION_BOUNDARIES = [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800];

/** The package's instruments on one meter. */
export interface Instruments {
  readonly status: Observable;
  readonly calls: Observable;
  readonly rejections: Observable;
  readonly fallbacks: Observable;
  readonly fallbackSkips: Observable;
  readonly inFlight: Observable;
  readonly transitions: Observable;
  readonly openDuration: Histogram;
  readonly ignored: Observable;
  readonly latency: Observable;
  readonly latencyLimit: Observable;
  readonly baselineErrorRate: Observable;
  readonly baselineLatency: Observable;
  readonly signalErrors: Observable;
  readonly signalFiring: Observable;
  readonly override: Observable;
}

function integer(unit: string, description: string): MetricOptions {
  return { unit, description, valueType: ValueType.INT };
}

/** Makes the instruments. */
export function createInstruments(meter: Meter): Instruments {
  return {
    status: meter.createObservableUpDownCounter(
      METRICS.status,
      integer('1', '1 for the state that the breaker is in, 0 for the others'),
    ),
    calls: meter.createObservableCounter(METRICS.calls, integer('{call}', 'Calls by how they ended, or that they were rejected')),
    rejections: meter.createObservableCounter(
      METRICS.rejections,
      integer('{call}', 'Calls that the breaker rejected, by reason'),
    ),
    fallbacks: meter.createObservableCounter(
      METRICS.fallbacks,
      integer('{response}', 'Responses that a fallback gave, by source'),
    ),
    fallbackSkips: meter.createObservableCounter(
      METRICS.fallbackSkips,
      integer('{skip}', 'Fallback sources that were asked and passed over, by source and reason'),
    ),
    inFlight: meter.createObservableUpDownCounter(METRICS.inFlight, integer('{call}', 'Calls under way')),
    transitions: meter.createObservableCounter(METRICS.transitions, integer('{transition}', 'Changes of state, by reason')),
    ignored: meter.createObservableCounter(
      METRICS.ignored,
      integer('{call}', 'Calls that said nothing of the dependency, by cause'),
    ),
    latency: meter.createObservableGauge(METRICS.latency, {
      unit: 's',
      description: 'Latency in the window of latencySlo, by quantile',
    }),
    latencyLimit: meter.createObservableGauge(METRICS.latencyLimit, {
      unit: 's',
      description: 'The limit of latencySlo, by the quantile that it is for',
    }),
    baselineErrorRate: meter.createObservableGauge(METRICS.baselineErrorRate, {
      unit: '1',
      description: 'Share of failures that adaptive takes for usual',
    }),
    baselineLatency: meter.createObservableGauge(METRICS.baselineLatency, {
      unit: 's',
      description: 'Latency that adaptive takes for usual',
    }),
    signalErrors: meter.createObservableCounter(
      METRICS.signalErrors,
      integer('{error}', 'How often a trip signal had no reading'),
    ),
    signalFiring: meter.createObservableUpDownCounter(
      METRICS.signalFiring,
      integer('1', '1 while the last reading of a trip signal fires, else 0'),
    ),
    override: meter.createObservableUpDownCounter(
      METRICS.override,
      integer('1', '1 while a person holds the breaker open or closed, by which'),
    ),
    openDuration: meter.createHistogram(METRICS.openDuration, {
      unit: 's',
      description: 'Length of open periods that are over',
      advice: { explicitBucketBoundaries: OPEN_DURATION_BOUNDARIES },
    }),
  };
}

/** Those that are read when metrics are collected. */
export function observables({ openDuration: _recorded, ...observed }: Instruments): Observable[] {
  return Object.values(observed);
}
