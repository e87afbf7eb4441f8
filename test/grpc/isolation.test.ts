import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attach, ready } from './helpers/attached.ts';
import { codeOf, type Played, play } from './helpers/play.ts';
import { steadily } from './helpers/quiet.ts';
import { scripted } from './helpers/script.ts';
import { forkScriptedServer, type ScriptedServerProcess } from './helpers/scripted-server-process.ts';
import { methodName, type ScriptedClient } from './helpers/scripted-service.ts';

// One process with a feature store, a metadata service and two models behind it, each in a process of its own. One dies; the
// others' breakers never notice, by name.

const DEPENDENCIES = ['feature store', 'metadata service', 'model iris', 'model churn'] as const;
type Dependency = (typeof DEPENDENCIES)[number];

const CALLS = 60;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

describe('four dependencies behind one process', () => {
  let servers: ScriptedServerProcess[];
  beforeAll(async () => {
    servers = await Promise.all(DEPENDENCIES.map(() => forkScriptedServer()));
  });
  afterAll(() => Promise.all(servers.map((server) => server.kill())));

  // What is killed cannot be tried again.
  it('one hangs, and the others’ breakers never notice', () => steadily(() => outage('hung')));
  it('one is killed, and the others’ breakers never notice', () => outage('killed'));

  async function outage(how: 'hung' | 'killed'): Promise<void> {
    const attached = attach({ trip: { consecutiveFailures: 3 }, openFor: '1h', backoff: { max: '1h' }, deadline: '400ms' });
    const targets = new Map<Dependency, string>(DEPENDENCIES.map((name, index) => [name, servers[index]?.target as string]));
    const clients = new Map<Dependency, ScriptedClient>();
    for (const [name, target] of targets) {
      const client = attached.connect(target);
      await ready(client);
      clients.set(name, client);
    }

    const sick: Dependency = 'model churn';
    const healthy = DEPENDENCIES.filter((name) => name !== sick);
    const script = how === 'hung' ? { answers: 0, hang: true } : {};
    const round = () =>
      Promise.all(
        DEPENDENCIES.map(async (name): Promise<[Dependency, Played]> => {
          const client = clients.get(name) as ScriptedClient;
          return [name, await play(client, 'unary', name === sick ? { metadata: scripted(sickNow ? script : {}) } : {})];
        }),
      );
    const durations = new Map<string, number[]>();
    let sickNow = false;
    for (let call = 0; call < CALLS; call++) {
      if (call === CALLS / 2) {
        sickNow = true;
        if (how === 'killed') await servers.at(-1)?.kill();
      }
      for (const [name, played] of await round()) {
        const key = `${name} ${sickNow ? 'during' : 'before'}`;
        durations.set(key, [...(durations.get(key) ?? []), played.durationMs]);
        if (name !== sick) expect(codeOf(played)).toBe(Status.OK);
      }
    }

    const breakerOf = (name: Dependency) => attached.breaker(targets.get(name) as string, 'unary');
    expect(breakerOf(sick).snapshot()).toMatchObject({
      state: 'open',
      counts: { success: CALLS / 2, failure: 3, rejected: { open: CALLS / 2 - 3 } },
    });
    for (const name of healthy) {
      expect(breakerOf(name).snapshot()).toMatchObject({
        name: `${targets.get(name)}/${methodName('unary')}`,
        state: 'closed',
        verdict: undefined,
        inFlight: 0,
        counts: { success: CALLS, failure: 0, ignored: 0, rejected: { open: 0, halfOpen: 0, forced: 0 } },
      });
    }
    expect(attached.events.map((event) => event.breaker)).toEqual([breakerOf(sick).name]);
    // Nor did their calls: as quick as before, give or take what the machine is doing.
    for (const name of healthy) {
      const during = median(durations.get(`${name} during`) as number[]);
      expect(during).toBeLessThan(Math.max(20, 3 * median(durations.get(`${name} before`) as number[])));
    }
  }
});
