import { contenders } from '../grpc/contenders.ts';
import { RawClient, stubRaw } from '../grpc/raw-client.ts';
import { startLoopbackServer } from '../grpc/start-server.ts';
import { type Measurement, measurement } from '../harness/metric.ts';
import { type PairedResult, pairedRounds } from '../harness/paired.ts';
import { spreadOf } from '../harness/stats.ts';
import type { SuiteContext } from '../harness/suite.ts';

/** Calls under way at a time, in the busy variant. */
const LANES = 16;

/** Those whose cost is set against a call over loopback. */
const MEASURED: ReadonlySet<string> = new Set(['none', 'noop', 'ours', 'ours.requestKey']);

/** Longer turns than for a stub: what the kernel does for a connection comes in lumps. */
const LONGER = 4;

/**
 * What the interceptor is of a call's CPU time in the client, over loopback to a server in another process. A difference this small
 * drowns in the noise of a connection, so its cost is taken over the stub, in the same process, and set against the whole call.
 */
export async function suite({ entry, rounds }: SuiteContext): Promise<Measurement[]> {
  const server = await startLoopbackServer();
  const clients = contenders(entry, server.target)
    .filter(({ name }) => MEASURED.has(name))
    .map(({ name, options }) => ({
      name,
      wire: new RawClient(server.target, options),
      stub: new RawClient(server.target, { ...options, channelOverride: stubRaw(1) }),
    }));
  try {
    const overWire = await pairedRounds(
      clients.flatMap(({ name, wire }) => [
        { name: `one.${name}`, run: (calls: number) => inLanes(1, calls, wire) },
        { name: `busy.${name}`, run: (calls: number) => inLanes(LANES, calls, wire) },
      ]),
      { rounds: Math.ceil(rounds.rounds / 2), batchMs: rounds.batchMs * LONGER },
    );
    const overStub = await pairedRounds(
      clients.map(({ name, stub }) => ({ name, run: (calls: number) => inLanes(1, calls, stub) })),
      rounds,
    );
    return [
      ...figures(overWire, overStub, 'one', 'one call at a time'),
      ...figures(overWire, overStub, 'busy', `${LANES} calls at a time`),
    ];
  } finally {
    for (const { wire } of clients) wire.close();
    server.stop();
  }
}

async function inLanes(lanes: number, calls: number, client: RawClient): Promise<void> {
  let left = calls;
  const lane = async () => {
    while (left-- > 0) await client.unary();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function figures(overWire: PairedResult, overStub: PairedResult, load: string, what: string): Measurement[] {
  const us = (samples: readonly number[]) => samples.map((ns) => ns / 1e3);
  const call = overWire.cost(`${load}.none`);
  const directly = (name: string) => us(overWire.difference(`${load}.${name}`, `${load}.none`));
  const share = (ours: string) => overStub.difference(ours, 'none').map((ns) => (ns / spreadOf(call).median) * 100);
  return [
    measurement(`loopback.${load}.none`, `${what}: CPU of the client, no interceptor`, 'us', us(call)),
    measurement(
      `loopback.${load}.noop - none`,
      `${what}: the no-op class over no interceptor, taken directly`,
      'us',
      directly('noop'),
    ),
    measurement(`loopback.${load}.ours - none`, `${what}: ours over no interceptor, taken directly`, 'us', directly('ours')),
    measurement(`loopback.${load}.share`, `${what}: ours (over the stub) of the call`, '%', share('ours')),
    measurement(
      `loopback.${load}.share.requestKey`,
      `${what}: the same with a key from the request`,
      '%',
      share('ours.requestKey'),
    ),
  ];
}
