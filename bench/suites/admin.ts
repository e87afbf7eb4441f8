import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { startAdmin } from '../../src/start-admin.ts';
import { HandDriven } from '../grpc/hand-driven.ts';
import type { WatchOrder } from '../grpc/watchers.ts';
import { type Measurement, measurement } from '../harness/metric.ts';
import type { SuiteContext } from '../harness/suite.ts';

/** Calls between two turns of the event loop. */
const BATCH = 64;

/** Who watches, and what happens meanwhile. */
interface Situation {
  readonly id: string;
  readonly what: string;
  readonly watchers: number;
  /** WatchRequest: empty, or `status: true`. */
  readonly request: readonly number[];
  /** Breakers that open and are reset, in a second. */
  readonly flips: number;
}

const COUNTS = [0x10, 1];

/**
 * What watchers of the admin service cost the calls of the process that is watched: the CPU time of a call at full speed through 1,000 breakers, with and
 * without 100 watchers. At full speed, because the share of the process's time that the watchers take is seen best where there is no other.
 */
export async function suite({ entry, isQuick, rounds }: SuiteContext): Promise<Measurement[]> {
  const count = isQuick ? 20 : 1_000;
  const watchers = isQuick ? 3 : 100;
  const turnMs = isQuick ? 20 : 1_200;
  const situations: readonly Situation[] = [
    { id: 'none', what: 'nobody watches', watchers: 0, request: [], flips: 0 },
    { id: 'quiet', what: `${watchers} watch, nothing changes state`, watchers, request: [], flips: 0 },
    { id: 'none.flipping', what: 'nobody watches, 50 changes of state a second', watchers: 0, request: [], flips: 50 },
    { id: 'flipping', what: `${watchers} watch, 50 changes of state a second`, watchers, request: [], flips: 50 },
    { id: 'counts', what: `${watchers} watch all counts, which all change`, watchers, request: COUNTS, flips: 0 },
  ];
  const method = { key: ['target', 'method', 'request.model_name'], trip: { failureRate: {} }, rampUp: 0 } as const;
  const breakers = entry.createBreakers({ maxBreakers: count, methods: [method] }, { telemetry: false });
  const hand = new HandDriven(breakers.interceptor('127.0.0.1:8081'));
  const requests = Array.from({ length: count }, (_, model) => ({ model_name: `model-${model}` }));
  for (const request of requests) hand.call(request);
  await turn();
  const admin = await startAdmin(breakers, { address: '127.0.0.1:0' });
  const child = fork(new URL('../grpc/watchers.ts', import.meta.url));
  const samples = new Map<string, number[]>(situations.map(({ id }) => [id, []]));
  try {
    for (let round = 0; round < (isQuick ? 1 : Math.ceil(rounds.rounds / 8)); round++) {
      for (const situation of round % 2 === 0 ? situations : situations.toReversed()) {
        const order: WatchOrder = { address: admin.address, watchers: situation.watchers, request: situation.request };
        child.send(order);
        await once(child, 'message');
        await pause(turnMs / 2);
        const flipping = situation.flips === 0 ? undefined : setInterval(flip, 1_000 / situation.flips, breakers);
        samples.get(situation.id)?.push(await callsFor(turnMs, hand, requests));
        clearInterval(flipping);
      }
    }
  } finally {
    child.disconnect();
    await admin.close();
    breakers.dispose();
  }
  const cost = (id: string): readonly number[] => samples.get(id) ?? [];
  const ratio = (id: string, base: string) => cost(id).map((ns, round) => ns / (cost(base)[round] as number));
  return [
    ...situations.map(({ id, what }) => measurement(`admin.${id}`, `a call, ${what}`, 'ns', cost(id))),
    measurement(
      'admin.quiet / none',
      `a call with ${watchers} watchers of ${count} breakers, beside none`,
      'ratio',
      ratio('quiet', 'none'),
    ),
    measurement('admin.flipping / none', 'the same, 50 changes of state a second', 'ratio', ratio('flipping', 'none.flipping')),
    measurement('admin.counts / none', 'the same, all counts told to all of them', 'ratio', ratio('counts', 'none')),
  ];
}

let next = 0;

/** One that is closed opens, and another becomes as new. */
function flip(breakers: { list(): readonly { trip(reason: string): boolean; reset(): void }[] }): void {
  const all = breakers.list();
  all[next % all.length]?.reset();
  next = (next + 7) % all.length;
  all[next]?.trip('by the benchmark');
}

/** Nanoseconds of this process's CPU time for a call. */
async function callsFor(ms: number, hand: HandDriven, requests: readonly object[]): Promise<number> {
  let calls = 0;
  const until = performance.now() + ms;
  const before = process.cpuUsage();
  while (performance.now() < until) {
    for (let call = 0; call < BATCH; call++) hand.call(requests[calls++ % requests.length]);
    await turn();
  }
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1_000) / calls;
}
