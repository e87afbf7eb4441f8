import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Observatory } from '../../src/admin/dashboard/observatory.ts';
import { PageHub } from '../../src/admin/dashboard/page-hub.ts';
import { type Model, World } from './helpers/world.ts';

const IRIS: Model = { target: 'a:8001', name: 'iris', health: () => ({ rate: 20, latencyMs: 10 }) };

interface Message {
  readonly event: string;
  readonly data: {
    readonly now: number;
    readonly rows?: { id: number; state: string }[];
    readonly come?: { name: string }[];
    readonly gone?: number[];
  };
}

/** A connection that takes what is sent, until it is told to hang. */
class Page extends EventEmitter {
  readonly sent: string[] = [];
  hangs = false;
  isGone = false;

  write(text: string): boolean {
    this.sent.push(text);
    return !this.hangs;
  }

  destroy(): void {
    this.isGone = true;
    this.emit('close');
  }

  get messages(): Message[] {
    return this.sent.map((text) => {
      const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)\n\n$/.exec(text) ?? [];
      return { event, data: JSON.parse(data) as Message['data'] };
    });
  }
}

/** A hub whose timers are the test's. */
function makeHub(models: readonly Model[] = [IRIS]) {
  const world = new World(models);
  const observatory = new Observatory(world.breakers, world.clock, () => 1_700_000_000_000);
  let due: { ms: number; run: () => void } | undefined;
  const later = (ms: number, run: () => void) => {
    due = { ms, run };
    return () => {
      due = undefined;
    };
  };
  const warnings: string[] = [];
  const hub = new PageHub({ observatory, later, maxPages: 3, onWarning: (message) => void warnings.push(message) });
  /** The next look, whenever it is due. Returns how long it was waited for. */
  const look = async (): Promise<number> => {
    const { ms, run } = due ?? { ms: 0, run: () => {} };
    due = undefined;
    await world.pass(ms);
    run();
    // A look gives way to others after each millisecond.
    for (let turns = 0; turns < 8; turns++) await new Promise(setImmediate);
    return ms;
  };
  const open = (): Page => {
    const page = new Page();
    hub.add(page as unknown as ServerResponse);
    return page;
  };
  return { world, hub, look, open, observatory, warnings };
}

describe('live pages', () => {
  it('begin with everything, and then get what is different, four times a second', async () => {
    const { world, look, open } = makeHub();
    await world.pass(500);
    await look();
    const page = open();
    expect(page.messages).toMatchObject([
      { event: 'full', data: { come: [{ name: World.nameOf(IRIS) }], rows: [{ state: 'closed' }] } },
    ]);
    await look();
    expect(await look()).toBeGreaterThanOrEqual(250);
    world.breakers.get(World.nameOf(IRIS))?.override('forcedOpen', { reason: 'drill' });
    await look();
    expect(page.messages.at(-1)).toMatchObject({
      event: 'rows',
      data: { come: [], rows: [{ override: 'forcedOpen', why: 'drill' }] },
    });
  });

  it('that come and go begin no looks of their own', async () => {
    const due = new Set<() => void>();
    const later = (_ms: number, run: () => void) => {
      due.add(run);
      return () => void due.delete(run);
    };
    const looks: (() => void)[] = [];
    const observatory = {
      nowMs: 0,
      all: () => ({ rows: [], come: [] }),
      look: () => new Promise((resolve) => looks.push(() => resolve({ rows: [], come: [], gone: [], busyMs: 1 }))),
    } as unknown as Observatory;
    const hub = new PageHub({ observatory, later, maxPages: 3, onWarning: () => {} });
    const fire = () => {
      const all = [...due];
      due.clear();
      for (const run of all) run();
    };
    fire();
    for (let pages = 0; pages < 5; pages++) {
      const page = new Page();
      hub.add(page as unknown as ServerResponse);
      fire();
      page.destroy();
    }
    expect(looks).toHaveLength(1);
    for (const look of looks.splice(0)) look();
    await new Promise(setImmediate);
    expect(due.size).toBe(1);
    fire();
    expect(looks).toHaveLength(1);
    hub.close();
  });

  it('that come again and again make no more looks than there is time for', async () => {
    const waits: number[] = [];
    const runs: (() => void)[] = [];
    const later = (ms: number, run: () => void) => {
      waits.push(ms);
      runs.push(run);
      return () => {};
    };
    const observatory = {
      nowMs: 0,
      all: () => ({ rows: [], come: [] }),
      look: async () => ({ rows: [], come: [], gone: [], busyMs: 100 }),
    };
    const hub = new PageHub({ observatory: observatory as never, later, maxPages: 3, onWarning: () => {} });
    runs[0]?.();
    await new Promise(setImmediate);
    observatory.nowMs = 500;
    hub.add(new Page() as unknown as ServerResponse);
    // A look of 100 ms is a twentieth of two seconds, and half a second is over.
    expect(waits).toEqual([0, 2_000, 1_500]);
    hub.close();
  });

  it('get nothing while nothing changes, but a sign of life', async () => {
    const { world, look, open } = makeHub([{ ...IRIS, health: () => ({ rate: 0 }) }]);
    world.call(IRIS);
    await world.pass(60);
    await look();
    const page = open();
    // Until the call has left the last seconds.
    for (let looks = 0; looks < 60; looks++) await look();
    page.sent.splice(0);
    for (let looks = 0; looks < 100; looks++) await look();
    expect(page.messages.map(({ event }) => event)).toEqual(expect.arrayContaining(['beat']));
    expect(page.messages.filter(({ event }) => event !== 'beat')).toEqual([]);
  });

  it('share one message', async () => {
    const { world, look, open } = makeHub();
    await world.pass(500);
    await look();
    const [one, other] = [open(), open()];
    await look();
    expect(one.sent.length).toBeGreaterThan(1);
    // The same string, not an equal one, is what costs nothing; that cannot be seen from here, so each must at least be equal.
    expect(one.sent).toEqual(other.sent);
  });

  it('that do not keep up get nothing until they do, and then all of it; at last they are dropped', async () => {
    const { world, look, open, hub } = makeHub();
    await world.pass(500);
    await look();
    const slow = open();
    slow.hangs = true;
    await look();
    const had = slow.sent.length;
    for (let looks = 0; looks < 20; looks++) await look();
    expect(slow.sent.length).toBe(had);
    slow.hangs = false;
    slow.emit('drain');
    expect(slow.messages.at(-1)?.event).toBe('full');
    slow.hangs = true;
    for (let looks = 0; looks < 60; looks++) await look();
    expect(slow.isGone).toBe(true);
    expect(hub.size).toBe(0);
  });

  it('hear of breakers that come and go', async () => {
    const { world, look, open } = makeHub();
    const page = open();
    await look();
    await look();
    expect(page.messages.flatMap(({ data }) => data.come ?? []).map(({ name }) => name)).toEqual([World.nameOf(IRIS)]);
    world.breakers.reload({ methods: [] });
    await look();
    expect(page.messages.at(-1)?.data).toMatchObject({ gone: [1] });
  });

  it('are not more than there is room for', () => {
    const { hub, open } = makeHub();
    for (const _ of [1, 2, 3]) open();
    expect(hub.hasRoom).toBe(false);
  });
});

describe('the history of a breaker', () => {
  it('has outcomes, latencies and states of fifteen minutes, and changes with verdicts', async () => {
    const failing: Model = {
      ...IRIS,
      health: (second) => ({ rate: 40, latencyMs: 10, failing: second >= 60 && second < 90 ? 1 : 0 }),
    };
    const { world, observatory } = makeHub([failing]);
    for (let second = 0; second < 1_000; second++) {
      await world.pass(1_000);
      // Events come from the event loop.
      await new Promise(setImmediate);
      if (second % 2 === 0) await observatory.look();
      if (second === 200) {
        const { history } = observatory.page(1) as { history: Record<string, never> };
        expect(history['changes']).toMatchObject(
          expect.arrayContaining([
            {
              kind: 'transition',
              what: 'closed > open',
              why: expect.stringMatching(/failureRate \d/),
              at: expect.any(Number),
              to: 'open',
              lastedMs: expect.any(Number),
            },
          ]),
        );
        expect(Math.max(...(history['state'] as unknown as number[]).map(Number))).toBe(2);
      }
    }
    const { history, counts } = observatory.page(1) as {
      history: Record<string, (number | null)[]>;
      counts: { success: number };
    };
    expect(history['success']).toHaveLength(180);
    // All but the first hundred seconds of it, which are forgotten.
    const sum = (history['success'] ?? []).reduce<number>((total, value) => total + (value ?? 0), 0);
    expect(sum / counts.success).toBeGreaterThan(0.9);
    expect(sum).toBeLessThanOrEqual(counts.success);
    expect(history['limit']?.at(-1)).toBe(80);
    expect(history['level']?.at(-1)).toBeGreaterThan(5);
    expect(history['state']?.every((state) => state === 0)).toBe(true);
  });
});
