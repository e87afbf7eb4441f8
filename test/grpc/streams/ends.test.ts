import { EventEmitter } from 'node:events';
import { type CallOptions, type ServerUnaryCall, status as Status } from '@grpc/grpc-js';
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

/** A way to end. */
interface End {
  readonly what: string;
  readonly code: number;
  readonly opening: Opening;
  readonly end?: (scene: Scene) => unknown;
  /** Milliseconds from its start. */
  readonly deadline?: number;
}

const { OK, CANCELLED, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE } = Status;
const SILENT: Opening = { script: { answers: 0, hang: true } };
const STEPS: Opening = { script: { answers: 1, steps: true } };
const ENDS: readonly End[] = [
  { what: 'OK', code: OK, opening: { script: { answers: 2 } } },
  { what: 'OK without a message', code: OK, opening: { script: { answers: 0 } } },
  { what: 'a failure', code: UNAVAILABLE, opening: { script: { answers: 2, code: UNAVAILABLE } } },
  { what: 'a message that nobody can read', code: INTERNAL, opening: { script: { answers: 2, garbageAt: 1 } } },
  { what: 'the cancel of its caller', code: CANCELLED, opening: HANG, end: ({ stream }) => stream.cancel() },
  {
    what: 'that of one who reads nothing',
    code: CANCELLED,
    opening: { ...HANG, paused: true },
    end: ({ stream }) => stream.cancel(),
  },
  { what: 'the cancel of its parent', code: CANCELLED, opening: HANG, end: ({ parent }) => parent.emit('cancelled') },
  { what: 'a connection that is lost', code: UNAVAILABLE, opening: HANG, end: ({ server }) => server.dropConnections() },
  { what: 'its deadline', code: DEADLINE_EXCEEDED, opening: HANG, deadline: 100 },
  { what: 'a gap', code: DEADLINE_EXCEEDED, opening: HANG, end: ({ clock }) => clock.advance(10_001) },
  { what: 'no first message', code: DEADLINE_EXCEEDED, opening: SILENT, end: ({ clock }) => clock.advance(10_001) },
  {
    what: 'OK, on a client that is closed',
    code: OK,
    opening: STEPS,
    end: ({ close, server }) => (close(), server.calls[0]?.steps.go(3)),
  },
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

  it.each(ENDS)('that ended with $what', async ({ code, opening, end, deadline }) => {
    const clock = new WatchedClock();
    const attached = attach(POLICY, { clock });
    const client = attached.connect(server.target);
    const parent = Object.assign(new EventEmitter(), { getDeadline: () => Infinity });
    const options: CallOptions = { parent: parent as unknown as ServerUnaryCall<unknown, unknown> };
    if (deadline !== undefined) options.deadline = Date.now() + deadline;
    const stream = openStream(client, type, { ...opening, options });
    await vi.waitUntil(() => server.calls.length === 1);
    if (opening === HANG) await stream.received(1);
    end?.({ stream, server, clock, parent, close: () => client.close() });
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
