import { kill } from 'node:process';
import { Metadata } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { attach, ready } from '../helpers/attached.ts';
import { steadily } from '../helpers/quiet.ts';
import { forkScriptedServer } from '../helpers/scripted-server-process.ts';
import { CALL_TYPES } from '../helpers/scripted-service.ts';
import { traffic, warmUp } from '../helpers/traffic.ts';

// A server that is stopped with SIGSTOP takes connections and bytes, and says nothing: only time tells.

const RATE = 200;
const LONG = { openFor: '1h', backoff: { max: '1h' } } as const;

async function stoppable() {
  const server = await forkScriptedServer();
  onTestFinished(() => {
    kill(server.pid, 'SIGCONT');
    return server.kill();
  });
  return server;
}

describe.each(CALL_TYPES)('a server that is stopped (%s)', (type) => {
  it(
    'is noticed before the first deadline, by the default condition',
    () =>
      steadily(async () => {
        const server = await stoppable();
        const attached = attach({ trip: { adaptive: { warmUp: 200 } }, ...LONG });
        const client = attached.connect(server.target);
        await ready(client);
        await warmUp(client, type, 800);
        const breaker = attached.breaker(server.target, type);
        expect(breaker.snapshot()).toMatchObject({ state: 'closed', counts: { failure: 0 } });
        kill(server.pid, 'SIGSTOP');
        const stoppedAt = performance.now();
        await traffic(
          client,
          type,
          RATE,
          () => ({ options: { deadline: Date.now() + 1_000 } }),
          (ms) => breaker.state === 'open' || ms > 2_000,
        );
        const event = attached.events.find((each) => each.type === 'transition' && each.to === 'open');
        const tookMs = (event?.atMs ?? Infinity) - stoppedAt;
        console.log(
          `stopped server, ${type}, deadlines of 1 s: open after ${Math.round(tookMs)} ms, ${breaker.snapshot().counts.rejected.open} refused`,
        );
        expect(event).toMatchObject({ verdict: { reason: 'adaptive', of: 'slowness' } });
        expect(tookMs).toBeLessThan(600);
      }),
    30_000,
  );

  it(
    'is noticed though its callers set no deadline and cancel after 100 ms: by slowness, where the usual latency is known',
    () =>
      steadily(async () => {
        const server = await stoppable();
        const attached = attach({ trip: { adaptive: { warmUp: 200 } }, ...LONG });
        const client = attached.connect(server.target);
        await ready(client);
        await warmUp(client, type, 800);
        const breaker = attached.breaker(server.target, type);
        kill(server.pid, 'SIGSTOP');
        await traffic(
          client,
          type,
          RATE,
          () => ({ cancel: 100 }),
          (ms) => breaker.state === 'open' || ms > 3_000,
        );
        expect(breaker.verdict).toMatchObject({ reason: 'adaptive', of: 'slowness' });
        expect(breaker.snapshot().counts).toMatchObject({ failure: 0 });
      }),
    30_000,
  );

  it(
    '… by cancelledAfter, where it is not',
    () =>
      steadily(async () => {
        const server = await stoppable();
        const without = attach(LONG);
        const attached = attach({ cancelledAfter: '100ms', ...LONG });
        const clients = [without, attached].map((each) => each.connect(server.target));
        for (const client of clients) {
          await ready(client);
          await warmUp(client, type, 4);
        }
        kill(server.pid, 'SIGSTOP');
        const isOpen = () => attached.breaker(server.target, type).state === 'open';
        await Promise.all(
          clients.map((client) =>
            traffic(
              client,
              type,
              RATE,
              () => ({ cancel: 100, metadata: new Metadata() }),
              (ms) => isOpen() || ms > 3_000,
            ),
          ),
        );
        expect(attached.breaker(server.target, type).verdict).toMatchObject({
          reason: 'adaptive',
          of: 'errors',
          evidence: { codes: { 1: expect.any(Number) } },
        });
        expect(without.breaker(server.target, type)).toMatchObject({ state: 'closed' });
        expect(without.breaker(server.target, type).snapshot().counts).toMatchObject({ failure: 0 });
      }),
    30_000,
  );
});
