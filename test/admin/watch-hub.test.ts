import { describe, expect, it } from 'vitest';
import { Connection, makeHub } from './helpers/hub.ts';
import { nameOf } from './helpers/started.ts';

const IRIS = nameOf('iris');
const WINE = nameOf('wine');

describe('a watcher', () => {
  it('is told how everything stands, and then each change, in order', async () => {
    const { watch, pass, flip } = await makeHub();
    const connection = new Connection();
    await watch(connection);
    expect(connection.snapshot).toEqual({ names: [IRIS, WINE], isComplete: true });
    flip('iris', 3);
    flip('wine');
    await pass(250);
    expect(connection.transitions).toEqual([
      `${IRIS}: closed > open`,
      `${IRIS}: open > closed`,
      `${IRIS}: closed > open`,
      `${WINE}: closed > open`,
    ]);
    expect(connection.sequences).toEqual([1, 2, 3, 4]);
    // One response for all of it, with how the two stand in the end.
    const last = connection.responses.at(-1);
    expect(last).toMatchObject({ snapshot: false, sequence: 4, missed_events: 0 });
    expect(last?.['breakers']).toMatchObject([
      { name: IRIS, state: 'STATE_OPEN' },
      { name: WINE, state: 'STATE_OPEN' },
    ]);
  });

  it('of some names hears of these only', async () => {
    const { watch, pass, flip } = await makeHub();
    const connection = new Connection();
    await watch(connection, { names: [WINE, 'not there yet'] });
    expect(connection.snapshot).toEqual({ names: [WINE], isComplete: true });
    flip('iris');
    await pass(250);
    flip('wine');
    await pass(250);
    expect(connection.transitions).toEqual([`${WINE}: closed > open`]);
  });

  it('resumes where it was, and misses nothing', async () => {
    const { watch, pass, flip } = await makeHub();
    const first = new Connection();
    const end = await watch(first);
    flip('iris');
    await pass(250);
    end();
    flip('iris');
    await pass(250);
    flip('wine');
    await pass(250);
    const second = new Connection();
    await watch(second, { token: first.token });
    expect(second.snapshot.names).toEqual([]);
    expect(second.transitions).toEqual([`${IRIS}: open > closed`, `${WINE}: closed > open`]);
    expect([...first.sequences, ...second.sequences]).toEqual([1, 2, 3]);
  });

  it('that resumes after too long, or at another process, is told everything anew', async () => {
    const { watch, pass, flip } = await makeHub();
    const first = new Connection();
    (await watch(first))();
    await pass(60_000);
    flip('iris', 4);
    await pass(250);
    const second = new Connection();
    await watch(second, { token: first.token });
    expect(second.snapshot).toEqual({ names: [IRIS, WINE], isComplete: true });
    expect(second.responses.at(-1)).toMatchObject({ snapshot_complete: true, missed_events: 0 });
    for (const token of ['', 'none', '0.0.0', first.token.replace(/^./, 'z')]) {
      const other = new Connection();
      await watch(other, { token });
      expect(other.snapshot.isComplete).toBe(true);
    }
  });

  it('hears of breakers that come and go', async () => {
    const { watch, pass, hand, breakers, hub } = await makeHub();
    const connection = new Connection();
    await watch(connection);
    hand.call({ model_name: 'pear' });
    await pass(1_000);
    await pass(250);
    expect(connection.responses.at(-1)?.['breakers']).toMatchObject([{ name: nameOf('pear') }]);
    hub.touch('nobody');
    await pass(250);
    expect(connection.responses.at(-1)?.['removed']).toEqual(['nobody']);
    expect(breakers.list()).toHaveLength(3);
  });

  it('of counts is told those that changed, once a second, and no others', async () => {
    const { watch, pass, hand } = await makeHub();
    const connection = new Connection();
    await watch(connection, { status: true });
    const quiet = new Connection();
    await watch(quiet);
    await pass(1_000);
    const before = connection.responses.length;
    await pass(1_000);
    expect(connection.responses).toHaveLength(before);
    hand.call({ model_name: 'wine' });
    await pass(1_000);
    expect(connection.responses).toHaveLength(before + 1);
    expect(connection.responses.at(-1)?.['breakers']).toMatchObject([{ name: WINE, calls: { success: 2 } }]);
    expect(quiet.responses.filter(({ snapshot }) => !snapshot)).toEqual([]);
  });
});

describe('a watcher that hangs', () => {
  it('holds one response, whatever happens, and is told everything anew when it goes on', async () => {
    const { watch, pass, flip, hand } = await makeHub();
    const connection = new Connection(true);
    await watch(connection, { status: true });
    expect(connection.waiting).toHaveLength(1);
    for (let round = 0; round < 300; round++) {
      flip('iris');
      hand.call({ model_name: 'wine' });
      await pass(1_000);
    }
    expect(connection.responses).toHaveLength(1);
    connection.take();
    await pass(0);
    // Its first snapshot is finished; what came behind it is not all remembered.
    const anew = connection.responses.findLast(({ missed_events: missed }) => missed > 0);
    expect(anew).toMatchObject({ snapshot_complete: true });
    const { sequence } = connection.responses.at(-1) ?? {};
    expect(sequence).toBe(300);
    expect(connection.sequences.length + Number(anew?.['missed_events'])).toBe(300);
  });

  it('for a moment is told of the counts that it missed, in a snapshot', async () => {
    const { watch, pass, hand } = await makeHub();
    const connection = new Connection();
    await watch(connection, { status: true });
    await pass(1_000);
    connection.hangs = true;
    for (const model of ['wine', 'iris']) {
      hand.call({ model_name: model });
      await pass(1_000);
    }
    connection.take();
    await pass(1_000);
    expect(connection.responses.slice(-2)).toMatchObject([
      { snapshot: true, breakers: [{ calls: { success: 2 } }, { calls: { success: 2 } }] },
      { snapshot_complete: true, missed_events: 0 },
    ]);
  });

  it('makes room when it goes away', async () => {
    const { watch, hub } = await makeHub(['iris'], 2);
    const ends = [await watch(new Connection(true)), await watch(new Connection(true))];
    await expect(watch(new Connection())).rejects.toThrow('there are 2 watchers already');
    ends[0]?.();
    await watch(new Connection());
    expect(hub.size).toBe(2);
  });
});

describe('many events', () => {
  it('of one breaker in an interval are counted beyond 32, and how it stands is told', async () => {
    const { watch, pass, flip } = await makeHub();
    const connection = new Connection();
    await watch(connection);
    flip('iris', 101);
    flip('wine');
    await pass(250);
    expect(connection.transitions).toHaveLength(33);
    expect(connection.responses.at(-1)).toMatchObject({
      missed_events: 69,
      sequence: 102,
      breakers: [{ state: 'STATE_OPEN' }, {}],
    });
  });

  it('are serialised once for all watchers', async () => {
    const { watch, pass, flip, encoded } = await makeHub(Array.from({ length: 200 }, (_, model) => `m${model}`));
    const connections = Array.from({ length: 50 }, () => new Connection());
    for (const connection of connections) await watch(connection);
    // Chunks of the snapshot once, and the end of it for each.
    expect(encoded.count).toBe(4 + 50);
    encoded.count = 0;
    for (let model = 0; model < 200; model++) flip(`m${model}`);
    await pass(250);
    expect(encoded.count).toBe(200 + 200 + 1);
    for (const connection of connections) expect(connection.transitions).toHaveLength(200);
  });

  it('cost nothing while nobody watches', async () => {
    const { pass, flip, encoded } = await makeHub();
    flip('iris', 10);
    await pass(250);
    expect(encoded.count).toBe(0);
  });
});

describe('the end', () => {
  it('closes watchers', async () => {
    const { watch, hub, pass, flip } = await makeHub();
    const connection = new Connection();
    await watch(connection);
    hub.close();
    expect(connection.isClosed).toBe(true);
    const told = connection.responses.length;
    flip('iris');
    await pass(1_000);
    expect(connection.responses).toHaveLength(told);
  });
});

describe('very many events', () => {
  it('are divided into responses that clients take, and a watcher resumes between them', async () => {
    const models = Array.from({ length: 2_500 }, (_, model) => `m${model}`);
    const { watch, pass, breakers } = await makeHub(models);
    const connection = new Connection();
    await watch(connection);
    const before = connection.responses.length;
    for (const model of models) breakers.get(nameOf(model))?.trip('x'.repeat(100_000));
    await pass(250);
    const told = connection.responses.slice(before);
    expect(told.length).toBeGreaterThan(4);
    expect(connection.largest).toBeLessThan(1_100_000);
    expect(connection.sequences).toEqual(models.map((_, at) => at + 1));
    const between = told.find(({ sequence }) => sequence > 500);
    const other = new Connection();
    await watch(other, { token: between?.['resume_token'] });
    expect(other.snapshot.names).toEqual([]);
    expect(other.sequences).toEqual(models.map((_, at) => at + 1).slice(between?.['sequence']));
  });
});
