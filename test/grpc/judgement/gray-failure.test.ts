import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MethodPolicyOptions } from '../../../src/index.ts';
import { attach, ready } from '../helpers/attached.ts';
import { startDelayProxy } from '../helpers/delay-proxy.ts';
import { steadily } from '../helpers/quiet.ts';
import { forkScriptedServer, type ScriptedServerProcess } from '../helpers/scripted-server-process.ts';
import { CALL_TYPES } from '../helpers/scripted-service.ts';
import { traffic, warmUp } from '../helpers/traffic.ts';

// A server that is alive, answers everything, and is late: a proxy before it holds its bytes back.

const CONDITIONS: Readonly<Record<string, NonNullable<MethodPolicyOptions['trip']>>> = {
  latencySlo: { latencySlo: { percentile: 0.99, limit: '25ms' } },
  adaptive: { adaptive: { warmUp: 200 } },
};

describe.each(CALL_TYPES)('latency without errors (%s)', (type) => {
  let server: ScriptedServerProcess;
  beforeAll(async () => {
    server = await forkScriptedServer();
  });
  afterAll(() => server.kill());

  it.each(Object.keys(CONDITIONS))(
    'trips %s',
    (reason) =>
      steadily(async () => {
        const proxy = await startDelayProxy(server.target);
        try {
          const attached = attach({ trip: CONDITIONS[reason] ?? {}, openFor: '1h', backoff: { max: '1h' } });
          const client = attached.connect(proxy.target);
          await ready(client);
          await warmUp(client, type, 800);
          const breaker = attached.breaker(proxy.target, type);
          expect(breaker.state).toBe('closed');
          proxy.delayMs = 40;
          const startedAt = performance.now();
          await traffic(
            client,
            type,
            200,
            () => ({}),
            (ms) => breaker.state === 'open' || ms > 5_000,
          );
          const { counts, conditions } = breaker.snapshot();
          const atMs = attached.events.find((event) => event.type === 'transition')?.atMs ?? Infinity;
          console.log(`40 ms late, ${type}, 200 calls/s: ${reason} open after ${Math.round(atMs - startedAt)} ms`);
          expect(breaker.verdict).toMatchObject({ reason });
          expect(counts).toMatchObject({ failure: 0 });
          expect(conditions).toHaveLength(1);
        } finally {
          proxy.stop();
        }
      }),
    30_000,
  );
});
