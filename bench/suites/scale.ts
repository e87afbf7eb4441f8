import type { Outcome } from '../../src/index.ts';
import { HandDriven, microtask } from '../grpc/hand-driven.ts';
import { type Measurement, measurement } from '../harness/metric.ts';
import { type PairedResult, pairedRounds, type Subject } from '../harness/paired.ts';
import type { PackageEntry, SuiteContext } from '../harness/suite.ts';
import { emptySlot, OUTCOMES, refused, STEP_MS } from './core/calls.ts';

/** How many breakers are busy: one shows what the others cost by being there; some, what traffic usually is; all, what the processor's caches cost. */
const BUSY = { one: 1, some: 50, all: Infinity } as const;

/** How many breakers there are, by the name of the size. */
interface Counts {
  readonly '1': number;
  readonly '1k': number;
  readonly '100k': number;
}

const SIZES = ['1', '1k', '100k'] as const;
const COUNTS: Counts = { '1': 1, '1k': 1_000, '100k': 100_000 };
const QUICK_COUNTS: Counts = { '1': 1, '1k': 10, '100k': 100 };

/** What a call costs with few and many breakers: directly, and by a key in the request through the interceptor; beside a bare Map. */
export async function suite({ entry, isQuick, rounds }: SuiteContext): Promise<Measurement[]> {
  const counts = isQuick ? QUICK_COUNTS : COUNTS;
  const subjects = SIZES.flatMap((size) => {
    const count = counts[size];
    const requests = Array.from({ length: count }, (_, model) => ({ model_name: `model-${model}` }));
    const map = lookedUp(requests);
    const hand = keyed(entry, requests);
    const direct = directly(entry, count);
    return Object.entries(BUSY).flatMap(([busy, some]): Subject[] => [
      { name: `direct.${busy}.${size}`, run: spread(count, some, direct) },
      { name: `keyed.${busy}.${size}`, run: spread(count, some, hand) },
      { name: `map.${busy}.${size}`, run: spread(count, some, map) },
    ]);
  });
  const result = await pairedRounds(subjects, rounds);
  return Object.keys(WHAT).flatMap((how) => Object.keys(BUSY).flatMap((busy) => figures(result, how, busy, counts)));
}

const WHAT: Readonly<Record<string, string>> = {
  direct: 'acquire + settle',
  keyed: 'unary call by hand, request key',
  map: 'for comparison, a Map lookup and two writes',
};

function figures(result: PairedResult, how: string, busy: string, counts: Counts): Measurement[] {
  const id = `${how}.${busy}`;
  const what = `${WHAT[how]}, ${busy} busy of`;
  const growth = (size: keyof Counts) =>
    measurement(
      `scale.${id}.${size} / 1`,
      `${what} ${counts[size]}, beside 1`,
      'ratio',
      result.ratio(`${id}.${size}`, `${id}.1`),
    );
  return [
    ...SIZES.map((size) => measurement(`scale.${id}.${size}`, `${what} ${counts[size]}`, 'ns', result.cost(`${id}.${size}`))),
    growth('1k'),
    growth('100k'),
  ];
}

/** Calls that jump about among the busy ones, which are spread over the whole, so that each finds the caches as cold as they get. */
function spread(count: number, busy: number, call: (at: number) => void): Subject['run'] {
  const some = Math.min(busy, count);
  const places = Array.from({ length: some }, (_, place) => Math.floor((((place * 48_611) % some) * count) / some));
  let next = 0;
  return async (calls) => {
    for (let done = 0; done < calls; done++) {
      // Calls of real clients have turns of the microtask queue between them.
      if ((done & 15) === 15) await microtask;
      call(places[next] as number);
      next = next + 1 === some ? 0 : next + 1;
    }
  };
}

function directly(entry: PackageEntry, count: number): (at: number) => void {
  const breakers = Array.from({ length: count }, () => entry.createBreaker({ trip: { failureRate: {} } }));
  const slot = emptySlot(entry);
  let now = 0.5;
  let calls = 0;
  return (at) => {
    const breaker = breakers[at] ?? refused();
    now += STEP_MS;
    if (!breaker.acquire(slot, now, Infinity)) refused();
    breaker.settle(slot, OUTCOMES[calls++ & 63] as Outcome, 1.5, now);
  };
}

function keyed(entry: PackageEntry, requests: readonly object[]): (at: number) => void {
  const method = { key: ['target', 'method', 'request.model_name'], trip: { failureRate: {} } } as const;
  const hand = new HandDriven(
    entry.createBreakers({ maxBreakers: requests.length + 2, methods: [method] }).interceptor('127.0.0.1:8081'),
  );
  return (at) => hand.call(requests[at]);
}

/** The least that a registry could do: what growing costs here, the processor's caches cost. */
function lookedUp(requests: readonly { model_name: string }[]): (at: number) => void {
  const entries = new Map(requests.map(({ model_name }) => [model_name, { calls: 0, lastMs: 0 }]));
  return (at) => {
    const entry = entries.get(requests[at]?.model_name ?? '') ?? refused();
    entry.calls++;
    entry.lastMs = at;
  };
}
