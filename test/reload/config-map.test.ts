import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { status as Status } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type BreakersEvent, createBreakers, type PolicyEvent, watchPolicy } from '../../src/index.ts';
import { connect } from '../grpc/helpers/attached.ts';
import { codeOf, play } from '../grpc/helpers/play.ts';
import { scripted } from '../grpc/helpers/script.ts';
import { startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { CALL_TYPES, methodName, Scripted } from '../grpc/helpers/scripted-service.ts';
import { traffic } from '../grpc/helpers/traffic.ts';
import { ConfigMap } from './helpers/config-map.ts';
import { livingWatchers } from './helpers/living-watchers.ts';

const SWAPS = 100;
const LONG_MS = 2_000;

/** Nobody listens there. */
const ILL = '127.0.0.1:1';

const policyOf = (openFor: number): string =>
  `methods: [{ name: [{ service: scripted.v1.Scripted }], openFor: ${openFor}ms, trip: { failureRate: { window: 1h, minCalls: 1000000 } } }]`;

/** Watched breakers, and what their policies did. */
function watched(file: string) {
  const breakers = createBreakers(watchPolicy(file, { settle: '20ms' }), { services: [Scripted.service], telemetry: false });
  onTestFinished(() => breakers.dispose());
  const events: PolicyEvent[] = [];
  const others: BreakersEvent[] = [];
  breakers.subscribe((event) => void (event.type === 'policy' ? events.push(event) : others.push(event)));
  return { breakers, events, others };
}

const soon = (check: () => void) => vi.waitFor(check, { timeout: 8_000, interval: 2 });

describe('a ConfigMap that is swapped', () => {
  it(`is applied once each time, ${SWAPS} times under 500 calls a second, and no call notices`, { timeout: 60_000 }, async () => {
    const server = await startScriptedServer();
    onTestFinished(() => server.stop());
    const map = new ConfigMap(policyOf(1_000));
    const living = livingWatchers();
    const { breakers, events, others } = watched(map.file);
    const client = connect(server.target, breakers.clientOptions(server.target));
    // A server that is ill all the time, and that nobody calls meanwhile.
    await play(connect(ILL, breakers.clientOptions(ILL)), 'unary');
    breakers.get(`${ILL}/${methodName('unary')}`)?.trip('ill');
    await soon(() => expect(others).toHaveLength(1));
    // Under way from the first swaps on.
    const long = CALL_TYPES.map((type) => play(client, type, { metadata: scripted({ delayMs: LONG_MS }), patienceMs: 30_000 }));
    let isOver = false;
    // 125 a second of each of the four call types.
    const loads = CALL_TYPES.map((type) =>
      traffic(
        client,
        type,
        125,
        () => ({}),
        () => isOver,
      ),
    );
    await soon(() => expect(breakers.list()).toHaveLength(5));
    // The ConfigMap's folder, that of its data, and the looks at the file.
    await soon(() => expect(living().watchers).toBeGreaterThanOrEqual(3));
    const { watchers } = living();
    for (let swap = 1; swap <= SWAPS; swap++) {
      map.swap(policyOf(1_000 + swap));
      await soon(() => expect(events).toHaveLength(swap));
    }
    await sleep(100);
    isOver = true;
    const calls = [...(await Promise.all(loads)).flat(), ...(await Promise.all(long))];

    expect(events.map(({ result, changes }) => [result, ...changes.map(({ to }) => to)])).toEqual(
      Array.from({ length: SWAPS }, (_, swap) => ['applied', `${1_001 + swap}ms`]),
    );
    expect(events.map(({ kept, ended }) => [kept, ended])).toEqual(Array.from({ length: SWAPS }, () => [5, 0]));
    expect(calls.length).toBeGreaterThan(1_000);
    expect(new Set(calls.map(codeOf))).toEqual(new Set([Status.OK]));
    expect(others, 'the trip by hand').toHaveLength(1);
    expect(breakers.get(`${ILL}/${methodName('unary')}`)?.snapshot()).toMatchObject({ state: 'open', counts: { failure: 1 } });
    // Windows and counts are those of the whole time.
    const well = breakers.snapshot().filter(({ name }) => name.startsWith(server.target));
    const counts = well.map(({ counts: { success } }) => success);
    expect(counts.reduce((sum, count) => sum + count)).toBe(calls.length);
    const judged = well.map(({ conditions }) => conditions[0]?.calls ?? 0);
    expect(judged).toEqual(counts);
    await soon(() => expect(living().watchers).toBe(watchers));
    breakers.dispose();
    await soon(() => expect(living().watchers).toBe(0));
  });

  it.each<[how: string, text: string | undefined, why: RegExp]>([
    ['half written', 'methods: [{ name: [{ service: scripted.v1.', /has no end; a } is missing/],
    ['invalid', 'methods: [{ openFor: "5" }]', /"5" is not a duration/],
    ['empty', '', /empty/],
    ['gone', undefined, /cannot be read: ENOENT/],
  ])('stays as it was where the new document is %s, and the event says why and where', async (_, text, why) => {
    const server = await startScriptedServer();
    onTestFinished(() => server.stop());
    const map = new ConfigMap(policyOf(1_000));
    const { breakers, events } = watched(map.file);
    const client = connect(server.target, breakers.clientOptions(server.target));
    await play(client, 'unary', {});
    breakers.get(`${server.target}/${methodName('unary')}`)?.trip('sick');
    const before = breakers.policy;
    map.swap(text);
    await soon(() => expect(events).toHaveLength(1));
    expect(events[0]).toMatchObject({ type: 'policy', result: 'refused', source: `policy ${map.file}`, changes: [], kept: 1 });
    expect(events[0]?.problems[0]?.message).toMatch(why);
    expect(breakers.policy).toBe(before);
    expect(breakers.snapshot()[0]).toMatchObject({ state: 'open' });
    map.swap(policyOf(7));
    await soon(() => expect(events.at(-1)).toMatchObject({ result: 'applied', kept: 1 }));
    expect(breakers.snapshot()[0]).toMatchObject({ state: 'open' });
  });

  it('refuses what only its functions and services show to be wrong, with the line', async () => {
    const map = new ConfigMap(policyOf(1_000));
    const { breakers, events } = watched(map.file);
    const before = breakers.policy;
    map.swap(
      'methods:\n  - name: [{ service: scripted.v1.Scripted, method: Unry }]\n    fallback: { sources: [{ function: nobody }] }\n',
    );
    await soon(() => expect(events).toHaveLength(1));
    expect(events[0]?.problems).toEqual([
      expect.objectContaining({
        path: 'methods[0].name[0].method',
        line: 2,
        message: expect.stringContaining('did you mean Unary?'),
      }),
    ]);
    expect(breakers.policy).toBe(before);
  });

  it('is read no more after the breakers are disposed of', async () => {
    const map = new ConfigMap(policyOf(1_000));
    const { breakers, events } = watched(map.file);
    await sleep(50);
    breakers.dispose();
    writeFileSync(map.file, policyOf(5));
    map.swap(policyOf(6));
    await sleep(150);
    expect(events).toEqual([]);
  });
});
