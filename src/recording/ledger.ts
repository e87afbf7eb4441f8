import { describeVerdict } from '../core/describe-verdict.ts';
import type { State } from '../core/state.ts';
import type { Verdict } from '../core/verdict.ts';
import type {
  BacktestBreaker,
  BacktestCounts,
  BacktestLane,
  BacktestSpan,
  BacktestTotal,
  BacktestTrip,
} from './backtest-result.ts';
import { Series, type SeriesRow } from './series.ts';

/** Trips and spans that are listed; the others are only counted. */
const MOST_LISTED = 10_000;

/** What is counted of one breaker. */
export class BreakerLedger implements BacktestCounts {
  readonly breaker: string;
  calls = 0;
  succeeded = 0;
  failed = 0;
  ignored = 0;
  refusedGood = 0;
  refusedBad = 0;
  refusedIgnored = 0;
  refusedUnknown = 0;
  passedUnknown = 0;
  unprotected = 0;
  trips = 0;
  outages = 0;
  openMs = 0;
  halfOpenMs = 0;
  state: State = 'closed';
  /** In milliseconds since 1970. */
  sinceMs = 0;
  /** Its run is over. */
  isOver = false;

  constructor(breaker: string) {
    this.breaker = breaker;
  }
}

/** A change of state, as it is told to a ledger. */
export interface LedgerChange {
  readonly to: State;
  readonly from: State;
  readonly verdict: Verdict;
  readonly openForMs: number | null;
}

/** What one policy did to the calls of all runs. */
export class Ledger {
  readonly #breakers = new Map<string, BreakerLedger>();
  readonly #trips: BacktestTrip[] = [];
  readonly #spans: BacktestSpan[] = [];
  readonly series: Series = new Series();

  /** What is counted of a breaker. */
  of(name: string): BreakerLedger {
    let ledger = this.#breakers.get(name);
    if (ledger === undefined) this.#breakers.set(name, (ledger = new BreakerLedger(name)));
    return ledger;
  }

  /** A breaker changed its state. @param atMs - since 1970 */
  changed(own: BreakerLedger, { from, to, verdict, openForMs }: LedgerChange, atMs: number): void {
    this.#leave(own, atMs);
    own.state = to;
    own.sinceMs = atMs;
    if (to !== 'open') return;
    own.trips++;
    if (from === 'closed') own.outages++;
    if (this.#trips.length >= MOST_LISTED) return;
    const { reason } = verdict;
    this.#trips.push({
      breaker: own.breaker,
      at: atMs,
      reason,
      text: describeVerdict(verdict),
      from,
      openForMs: finite(openForMs),
    });
  }

  /** A run is over: what is open ends here. */
  runEnded(atMs: number): void {
    for (const own of this.#breakers.values()) {
      if (!own.isOver) this.#leave(own, atMs);
      own.isOver = true;
    }
  }

  /** Something happened to a call, so many milliseconds after the beginning of all. */
  count(row: SeriesRow, atMs: number): void {
    this.series.count(row, atMs);
  }

  /** All of it. */
  toLane(name: BacktestLane['name'], title: string, bucketMs: number): BacktestLane {
    const all = [...this.#breakers.values()].filter(({ calls, trips }) => calls > 0 || trips > 0);
    all.sort(
      (one, other) => troubleOf(other) - troubleOf(one) || other.calls - one.calls || (one.breaker < other.breaker ? -1 : 1),
    );
    const breakers = all.map(toResult);
    const trips = this.#trips.toSorted((one, other) => one.at - other.at);
    return { name, title, total: sumOf(all), breakers, trips, spans: this.#spans, series: this.series.asWideAs(bucketMs) };
  }

  #leave(own: BreakerLedger, atMs: number): void {
    const { state, sinceMs: from, breaker } = own;
    if (state === 'closed') return;
    if (state === 'open') own.openMs += atMs - from;
    else own.halfOpenMs += atMs - from;
    if (this.#spans.length < MOST_LISTED) this.#spans.push({ breaker, state, from, to: atMs });
  }
}

/** What of it is told. */
function toResult(own: BreakerLedger): BacktestBreaker {
  const told: Partial<BreakerLedger> & BacktestBreaker = Object.assign({}, own);
  delete told.sinceMs;
  delete told.isOver;
  return told;
}

function finite(ms: number | null): number | null {
  return ms === Infinity ? null : ms;
}

function troubleOf({ trips, failed, refusedGood, refusedUnknown }: BreakerLedger): number {
  return trips * 1_000 + failed + refusedGood + refusedUnknown;
}

function sumOf(all: readonly BreakerLedger[]): BacktestTotal {
  const sum = (what: (own: BreakerLedger) => number): number => all.reduce((total, own) => total + what(own), 0);
  return {
    breakers: all.length,
    notClosed: sum(({ state }) => (state === 'closed' ? 0 : 1)),
    calls: sum(({ calls }) => calls),
    succeeded: sum(({ succeeded }) => succeeded),
    failed: sum(({ failed }) => failed),
    ignored: sum(({ ignored }) => ignored),
    refusedGood: sum(({ refusedGood }) => refusedGood),
    refusedBad: sum(({ refusedBad }) => refusedBad),
    refusedIgnored: sum(({ refusedIgnored }) => refusedIgnored),
    refusedUnknown: sum(({ refusedUnknown }) => refusedUnknown),
    passedUnknown: sum(({ passedUnknown }) => passedUnknown),
    unprotected: sum(({ unprotected }) => unprotected),
    trips: sum(({ trips }) => trips),
    outages: sum(({ outages }) => outages),
    openMs: sum(({ openMs }) => openMs),
    halfOpenMs: sum(({ halfOpenMs }) => halfOpenMs),
  };
}
