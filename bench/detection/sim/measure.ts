import { DEADLINE_MS, type Scenario, type Span, spanAt } from '../scenarios/scenario.ts';
import { FATE, type RunLog } from './simulate.ts';
import type { Workload } from './workload.ts';

/** What one run shows. Counts are calls, unless said otherwise. */
export interface Measures {
  readonly calls: number;
  readonly healthyCalls: number;
  /** From the beginning of each fault to the trip that follows within it: calls that came, and milliseconds; Infinity where none followed. */
  readonly callsToTrip: readonly number[];
  readonly msToTrip: readonly number[];
  /** Failed, or slow, while something was wrong. */
  readonly harmful: number;
  /** Refused during a fault, though they would have succeeded in time. */
  readonly goodLost: number;
  /** Refused while the server was healthy. */
  readonly refusedHealthy: number;
  /** Trips while nothing was wrong that is worth a trip. */
  readonly falseTrips: number;
  /** From the end of each fault until no call was refused any more, in milliseconds. */
  readonly msToFullTraffic: readonly number[];
  /** The most calls that reached the recovering server in any 100 ms, beside what it could take then; without a capacity, beside the usual number. */
  readonly peakLoad: number;
}

/** Traffic is full when for so long no call was refused. */
const QUIET_MS = 2_000;

/** The peak after a fault is looked for so long, where the scenario does not say how long the server takes to recover. */
const PEAK_WITHIN_MS = 5_000;
const PEAK_MS = 100;

/** Reads the measures off a run's log. */
export function measure(scenario: Scenario, { arrivals, calls }: Workload, log: RunLog): Measures {
  const { faults, blips, recovering } = scenario;
  const { fates, trips } = log;
  let healthyCalls = 0;
  let harmful = 0;
  let goodLost = 0;
  let refusedHealthy = 0;
  for (let i = 0; i < calls; i++) {
    const at = arrivals[i] as number;
    const fate = fates[i] as number;
    const isFault = spanAt(faults, at) >= 0;
    const isSick = isFault || spanAt(blips, at) >= 0;
    const isHealthy = !isSick && spanAt(recovering, at) < 0;
    if (isHealthy) healthyCalls++;
    if (fate === FATE.slow || fate === FATE.failed) {
      if (!isHealthy) harmful++;
    } else if (fate === FATE.refusedGood || fate === FATE.refusedBad) {
      if (isHealthy) refusedHealthy++;
      else if (isFault && fate === FATE.refusedGood) goodLost++;
    }
  }
  const firstTrips = faults.map(({ fromMs, toMs }) => trips.find((trip) => trip >= fromMs && trip < toMs) ?? Infinity);
  return {
    calls,
    healthyCalls,
    callsToTrip: firstTrips.map((trip, i) => callsBetween(arrivals, (faults[i] as Span).fromMs, trip)),
    msToTrip: firstTrips.map((trip, i) => trip - (faults[i] as Span).fromMs),
    harmful,
    goodLost,
    refusedHealthy,
    // What a fault's last calls say arrives up to a deadline later.
    falseTrips: trips.filter((trip) =>
      [...faults, ...recovering].every(({ fromMs, toMs }) => trip < fromMs || trip >= toMs + DEADLINE_MS),
    ).length,
    msToFullTraffic: faults.map(({ toMs }) => fullTrafficAfter(arrivals, fates, toMs)),
    peakLoad: Math.max(
      0,
      ...faults.map(({ toMs }, i) =>
        peakAfter(scenario, log.begun, recovering[i] ?? { fromMs: toMs, toMs: toMs + PEAK_WITHIN_MS }),
      ),
    ),
  };
}

function callsBetween(arrivals: Float64Array, fromMs: number, toMs: number): number {
  return toMs === Infinity ? Infinity : firstFrom(arrivals, toMs) - firstFrom(arrivals, fromMs);
}

/** The first call that comes at a time or later. */
function firstFrom(arrivals: Float64Array, atMs: number): number {
  let low = 0;
  let high = arrivals.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((arrivals[middle] as number) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function fullTrafficAfter(arrivals: Float64Array, fates: Uint8Array, fromMs: number): number {
  let lastMs = fromMs;
  for (let i = firstFrom(arrivals, fromMs); i < arrivals.length && (arrivals[i] as number) < lastMs + QUIET_MS; i++) {
    if ((fates[i] as number) >= FATE.refusedGood) lastMs = arrivals[i] as number;
  }
  return lastMs - fromMs;
}

/** The most calls in 100 ms, beside what the server can take in that time, or is used to. */
function peakAfter(scenario: Scenario, begun: Float64Array, { fromMs, toMs }: Span): number {
  const times = begun.filter((at) => at >= fromMs && at < toMs).toSorted();
  let peak = 0;
  for (let i = 0, first = 0; i < times.length; i++) {
    const at = times[i] as number;
    while (at - (times[first] as number) >= PEAK_MS) first++;
    const usual = ((scenario.capacity?.perSecond(at) ?? scenario.rate(at)) * PEAK_MS) / 1_000;
    peak = Math.max(peak, (i - first + 1) / usual);
  }
  return peak;
}
