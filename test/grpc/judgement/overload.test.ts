import { status as Status } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MethodPolicyOptions } from '../../../src/index.ts';
import { attach, ready } from '../helpers/attached.ts';
import { codeOf } from '../helpers/play.ts';
import { steadily } from '../helpers/quiet.ts';
import { forkSmallServer } from '../helpers/scripted-server-process.ts';
import { traffic } from '../helpers/traffic.ts';

// A server that can do 200 calls a second is sent 500, each with a deadline of 100 ms. It works off what nobody waits for any more, so
// without help it ends up doing nothing else.

const WORK_MS = 5;
const OFFERED = 500;
const DEADLINE_MS = 100;
const SECONDS = 4;

interface Result {
  readonly goodput: number;
  readonly refused: number;
  /** Let through, but not answered in time. */
  readonly late: number;
}

async function under(policy: MethodPolicyOptions): Promise<Result> {
  const server = await forkSmallServer(WORK_MS);
  onTestFinished(() => server.kill());
  const attached = attach(policy);
  const client = attached.connect(server.target);
  await ready(client);
  const calls = await traffic(
    client,
    'unary',
    OFFERED,
    () => ({ options: { deadline: Date.now() + DEADLINE_MS } }),
    (ms) => ms > SECONDS * 1_000,
  );
  const counts = attached.breakers.list()[0]?.snapshot().counts;
  await server.kill();
  return {
    goodput: calls.filter((call) => codeOf(call) === Status.OK).length / SECONDS,
    refused: (counts?.rejected.concurrency ?? 0) + (counts?.rejected.shed ?? 0),
    late: calls.filter((call) => codeOf(call) === Status.DEADLINE_EXCEEDED).length,
  };
}

describe('a server with more calls than it can do', () => {
  it(
    'does more good with maxConcurrent, and with shed, than without',
    () =>
      steadily(async () => {
        const none = await under({ mode: 'off' });
        const maxConcurrent = await under({ maxConcurrent: 12 });
        const shed = await under({ shed: { k: 1.1, window: '1s' } });
        console.log(
          [none, maxConcurrent, shed]
            .map(({ goodput, refused, late }, index) => {
              const name = ['no breaker', 'maxConcurrent', 'shed'][index];
              return `${name}: ${Math.round(goodput)} good calls/s of ${OFFERED}, ${refused} refused, ${late} too late`;
            })
            .join('\n'),
        );
        expect(maxConcurrent.goodput).toBeGreaterThan(2 * none.goodput);
        expect(maxConcurrent.late).toBeLessThan(maxConcurrent.refused / 10);
        expect(shed.goodput).toBeGreaterThan(1.3 * none.goodput);
        expect(shed.refused).toBeGreaterThan(0);
      }),
    60_000,
  );
});
