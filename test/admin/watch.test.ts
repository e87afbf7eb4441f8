import { once } from 'node:events';
import { connect as connectSocket } from 'node:http2';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { status as Status } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Message } from './helpers/admin-client.ts';
import { nameOf, type Started, start } from './helpers/started.ts';

const IRIS = nameOf('iris');

/** What a watcher over a real connection hears. */
function listen(stream: ReturnType<ReturnType<Started['client']>['watch']>) {
  const responses: Message[] = [];
  const waiting = new Set<() => void>();
  stream.on('data', (response: Message) => {
    responses.push(response);
    for (const check of waiting) check();
  });
  const ended = new Promise<number>((resolve) => stream.on('error', (error: Error & { code: number }) => resolve(error.code)));
  onTestFinished(() => stream.cancel());
  return {
    responses,
    ended,
    events: () => responses.flatMap(({ events }) => events as Message[]),
    until: (what: () => boolean) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (!what()) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}

describe('watching over a real connection', () => {
  it('tells every transition in order, with verdicts, and goes on after a break', async () => {
    const { client, breakers } = await start();
    const admin = client({ user: 'anna' });
    const stream = admin.watch();
    const first = listen(stream);
    await first.until(() => first.responses.some(({ snapshot_complete: isComplete }) => isComplete));
    expect(first.responses.flatMap(({ breakers: all }) => all.map(({ name }: Message) => name))).toEqual([IRIS, nameOf('wine')]);

    for (let round = 0; round < 5; round++) {
      breakers.get(IRIS)?.trip(`round ${round}`);
      breakers.get(IRIS)?.reset();
    }
    await first.until(() => first.events().length >= 10);
    expect(first.events().map(({ transition }) => transition.verdict.message || transition.verdict.reason)).toEqual(
      Array.from({ length: 5 }, (_, round) => [`round ${round}`, 'reset']).flat(),
    );
    stream.cancel();
    expect(await first.ended).toBe(Status.CANCELLED);

    await admin.call('ForceOpen', { name: IRIS, reason: 'while nobody looked' });
    const second = listen(admin.watch({ resume_token: first.responses.at(-1)?.['resume_token'] }));
    await second.until(() => second.events().length >= 2);
    expect(second.responses.some(({ snapshot }) => snapshot)).toBe(false);
    expect([...first.events(), ...second.events()].map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 12 }, (_, at) => at + 1),
    );
    expect(second.events()).toMatchObject([
      { override: { kind: 'OVERRIDE_KIND_FORCED_OPEN', reason: expect.stringContaining('while nobody looked (by anna') } },
      { transition: { to: 'STATE_OPEN', verdict: { reason: 'forced' } } },
    ]);
  });

  it('tells that an override ended by itself, and of policies', async () => {
    const { client, breakers, clock } = await start();
    const watched = listen(client().watch());
    await watched.until(() => watched.responses.some(({ snapshot_complete: isComplete }) => isComplete));
    await client().call('ForceOpen', { name: IRIS, reason: 'x', expiry: { seconds: 1 } });
    clock.advance(1_000);
    breakers.get(IRIS)?.snapshot();
    await watched.until(() => watched.events().some(({ override }) => override?.reason === 'expired'));
    await client().call('ReloadPolicy', { document: 'methods: [{ trip: { consecutiveFailures: 7 } }]', reason: 'x' });
    await watched.until(() => watched.events().some(({ policy }) => policy?.applied));
  });

  it('tells of a longer override, which makes no event', async () => {
    const { client } = await start();
    await client().call('ForceOpen', { name: IRIS, reason: 'x', expiry: { seconds: 60 } });
    const watched = listen(client().watch());
    await watched.until(() => watched.responses.some(({ snapshot_complete: isComplete }) => isComplete));
    await client().call('ForceOpen', { name: IRIS, reason: 'it takes longer', expiry: { seconds: 600 } });
    await watched.until(() => watched.responses.some(({ breakers }) => breakers[0]?.override?.ends_in.seconds === 600));
  });

  it('ends with UNAVAILABLE when the service is closed', async () => {
    const { client, admin } = await start();
    const watched = listen(client().watch());
    await watched.until(() => watched.responses.length > 0);
    await admin.close();
    expect(await watched.ended).toBe(Status.UNAVAILABLE);
  });

  it('has bounds', async () => {
    const { client } = await start({ maxWatchers: 1 });
    const one = listen(client().watch());
    await one.until(() => one.responses.length > 0);
    expect(await listen(client().watch()).ended).toBe(Status.RESOURCE_EXHAUSTED);
    expect(await listen(client().watch({ names: Array(101).fill('x') })).ended).toBe(Status.INVALID_ARGUMENT);
  });
});

describe('watchers that hang', () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;

  it('do not make the process grow', async () => {
    const { admin, breakers, callModel, client } = await start();
    for (let model = 0; model < 500; model++) callModel(`model-${model}`);
    const names = breakers.list().map(({ name }) => name);
    // Connections that take what the handshake allows them, and not a byte more.
    const sessions = Array.from({ length: 20 }, () =>
      connectSocket(`http://${admin.address}`, { settings: { initialWindowSize: 1_000 } }),
    );
    onTestFinished(() => {
      for (const session of sessions) session.destroy();
    });
    for (const session of sessions) {
      const headers = {
        ':method': 'POST',
        ':path': '/grpc_breaker.admin.v1.Admin/Watch',
        'content-type': 'application/grpc',
        te: 'trailers',
      };
      const stream = session.request(headers);
      stream.on('error', () => {});
      // WatchRequest { status: true }
      stream.end(Buffer.from([0, 0, 0, 0, 2, 0x10, 1]));
      await once(stream, 'response');
    }
    const witness = listen(client().watch());
    const storm = async (rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        const before = witness.events().length;
        for (const name of names) {
          breakers.get(name)?.trip(`a reason of some length, so that it shows ${'x'.repeat(5_000)}`);
          breakers.get(name)?.reset();
        }
        await witness.until(() => witness.events().length >= before + 2 * names.length);
        witness.responses.splice(0);
      }
    };
    const used = async () => {
      for (let round = 0; round < 5; round++) {
        await new Promise(setImmediate);
        gc();
      }
      const { heapUsed, external, arrayBuffers } = process.memoryUsage();
      return (heapUsed + external + arrayBuffers) / 1_048_576;
    };
    await storm(4);
    const before = await used();
    await storm(8);
    // 8,000 events of some 3 kB, and as many breakers: kept, even once for all watchers, they would be 30 MB.
    const grown = (await used()) - before;
    expect(grown).toBeLessThan(12);
  }, 30_000);
});
