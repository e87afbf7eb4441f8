import { EventEmitter } from 'node:events';
import { type ServerUnaryCall, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MethodPolicyOptions } from '../../../src/index.ts';
import { attach } from '../helpers/attached.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { type Opened, type Opening, only, openStream, STREAMS, WatchedClock } from './helpers/opened.ts';

// However a stream with limits ends, nobody looks at it any more, and nothing of it is left behind.

const POLICY: MethodPolicyOptions = {
  trip: { consecutiveFailures: 99 },
  stream: { firstMessageWithin: '10s', messageGap: '10s' },
};
const HANG: Opening = { script: { answers: 1, hang: true } };

/** What a test has at hand to end a stream. */
interface Scene {
  readonly stream: Opened;
  readonly server: ScriptedServer;
  readonly clock: WatchedClock;
  readonly parent: EventEmitter;
  readonly close: () => void;
}

const ENDS: readonly (readonly [what: string, code: number, end: (scene: Scene) => unknown, opening?: Opening])[] = [
  ['OK', Status.OK, () => {}, { script: { answers: 2 } }],
  ['OK without a message', Status.OK, () => {}, { script: { answers: 0 } }],
  ['a failure', Status.UNAVAILABLE, () => {}, { script: { answers: 2, code: Status.UNAVAILABLE } }],
  ['messages that nobody can read', Status.INTERNAL, () => {}, { script: { answers: 2, garbageAt: 1 } }],
  ['the cancel of its caller', Status.CANCELLED, ({ stream }) => stream.cancel(), HANG],
  ['the cancel of one who has read nothing', Status.CANCELLED, ({ stream }) => stream.cancel(), { ...HANG, paused: true }],
  ['the cancel of its parent', Status.CANCELLED, ({ parent }) => parent.emit('cancelled'), HANG],
  ['a connection that is lost', Status.UNAVAILABLE, ({ server }) => server.dropConnections(), HANG],
  ['its deadline', Status.DEADLINE_EXCEEDED, () => {}, { ...HANG, options: { deadline: 100 } }],
  ['the gap', Status.DEADLINE_EXCEEDED, ({ clock }) => clock.advance(10_001), HANG],
  ['the first message', Status.DEADLINE_EXCEEDED, ({ clock }) => clock.advance(10_001), { script: { answers: 0, hang: true } }],
  [
    'OK on a client that was closed meanwhile',
    Status.OK,
    ({ close, server }) => {
      close();
      server.calls[0]?.steps.go(3);
    },
    { script: { answers: 1, steps: true } },
  ],
];

describe.each(STREAMS)('nothing is left of a stream (%s)', (type) => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());
  beforeEach(() => server.forget());

  /** The calls under way are not looked at any more. */
  async function expectQuiet(clock: WatchedClock): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 25)); // The last tick finds nothing.
    const before = clock.looks;
    await new Promise((resolve) => setTimeout(resolve, 35));
    expect(clock.looks).toBe(before);
  }

  it.each(ENDS)('that ended with %s', async (_, code, end, opening = {}) => {
    const clock = new WatchedClock();
    const attached = attach(POLICY, { clock });
    const client = attached.connect(server.target);
    const parent = Object.assign(new EventEmitter(), { getDeadline: () => Infinity });
    const deadline = opening.options === undefined ? {} : { deadline: Date.now() + Number(opening.options.deadline) };
    const options = { ...deadline, parent: parent as unknown as ServerUnaryCall<unknown, unknown> };
    const stream = openStream(client, type, { ...opening, options });
    await vi.waitUntil(() => server.calls.length === 1);
    if (opening.script?.answers === 1 && opening.paused !== true && opening.script.steps !== true) await stream.received(1);
    await end({ stream, server, clock, parent, close: () => client.close() });
    expect((await stream.ended).code).toBe(code);
    await expectQuiet(clock);
    expect(attached.breaker(server.target, type).snapshot().inFlight).toBe(0);
    expect(attached.warnings).toEqual([]);
  });

  it('on a client that is closed already, or cancelled before it is sent', async () => {
    const clock = new WatchedClock();
    const attached = attach(POLICY, { clock });
    const cancelled = openStream(attached.connect(server.target), type, HANG);
    cancelled.cancel();
    expect((await cancelled.ended).code).toBe(Status.CANCELLED);
    const client = attached.connect(server.target);
    client.close();
    expect((await openStream(client, type, HANG).ended).code).toBe(Status.UNAVAILABLE);
    await expectQuiet(clock);
    expect(attached.breaker(server.target, type).snapshot().inFlight).toBe(0);
  });

  it('that was answered by a fallback: no timer, and no listener on its parent but that of grpc-js', async () => {
    const clock = new WatchedClock();
    const answer = async function* () {
      yield { text: 'a' };
      yield { text: 'b' };
    };
    const fallback = { on: ['failed' as const], sources: [{ function: answer, timeout: '1h' as const }] };
    const attached = attach({ ...POLICY, ...only(type), fallback }, { clock });
    const client = attached.connect(server.target);
    const parent = Object.assign(new EventEmitter(), { getDeadline: () => Infinity }).setMaxListeners(0);
    const timers = () => process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
    const open = () => {
      const options = { deadline: Date.now() + 3_600_000, parent: parent as unknown as ServerUnaryCall<unknown, unknown> };
      return openStream(client, type, { script: { answers: 0, code: Status.INTERNAL }, options });
    };
    expect((await open().ended).code).toBe(Status.OK);
    const before = timers();
    for (let call = 1; call < 20; call++) expect((await open().ended).code).toBe(Status.OK);
    await expectQuiet(clock);
    expect(timers() - before).toBeLessThan(5);
    // grpc-js adds one for each call, and leaves it there.
    expect(parent.listenerCount('cancelled')).toBe(20);
  });
});
