import { propagate, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { MethodPolicyOptions } from '../../src/index.ts';
import { attach, ready } from './helpers/attached.ts';
import { startFrontServer } from './helpers/front-server.ts';
import { slowMessage } from './helpers/interceptors.ts';
import { codeOf, type Plan, type Played, play } from './helpers/play.ts';
import { steadily } from './helpers/quiet.ts';
import { type Script, scripted } from './helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from './helpers/scripted-server.ts';
import { CALL_TYPES, type CallType } from './helpers/scripted-service.ts';

// Calls made within a call: its deadline and its end are theirs too.

const WAITING = { timeout: 3_000, interval: 5 };
const HANG: Script = { answers: 0, hang: true };
/** Decided at the first message, which does not come where nothing is written. */
const KEYED: MethodPolicyOptions = { key: ['target', 'method', 'request.model_name'] };

describe('a call with a parent', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  /** Calls a front server, which makes a call of its own within. Where it is cancelled, it is once that call has begun. */
  async function within(policy: MethodPolicyOptions, type: CallType, front: Plan, plan: Plan = {}, script: Script = HANG) {
    const attached = attach(policy);
    const client = attached.connect(server.target);
    const children: Promise<Played>[] = [];
    const frontClient = await startFrontServer((parent) => {
      const options = { ...plan.options, parent };
      const child = play(client, type, { ...plan, metadata: scripted(script), options, patienceMs: 2_000 });
      children.push(child);
      return child;
    });
    await ready(frontClient);
    await play(frontClient, 'unary', front);
    await vi.waitFor(() => expect(children).toHaveLength(1), WAITING);
    const child = await (children[0] as Promise<Played>);
    return { attached, child };
  }

  const reached = () => vi.waitFor(() => expect(server.calls).toHaveLength(1), WAITING);
  const soon = () => new Promise((resolve) => setTimeout(resolve, 100));

  describe.each(CALL_TYPES)('%s', (type) => {
    it('that is cancelled is cancelled, and says nothing', async () => {
      server.forget();
      const { attached, child } = await within({}, type, { cancel: reached() });
      expect(codeOf(child)).toBe(Status.CANCELLED);
      expect(child.sights.find(([what]) => what === 'status')?.[1]).toMatchObject({ details: 'Cancelled by parent call' });
      expect(attached.breaker(server.target, type).snapshot()).toMatchObject({ inFlight: 0, counts: { failure: 0, ignored: 1 } });
    });

    it('whose deadline passes missed its deadline: a failure, under whatever code it comes', () =>
      steadily(async () => {
        const { attached, child } = await within({}, type, { options: { deadline: Date.now() + 100 } });
        expect([Status.CANCELLED, Status.DEADLINE_EXCEEDED]).toContain(codeOf(child));
        expect(child.durationMs).toBeLessThan(1_000);
        expect(attached.breaker(server.target, type).snapshot()).toMatchObject({
          inFlight: 0,
          counts: { failure: 1, ignored: 0 },
        });
      }));

    it('has the earlier of both deadlines, and the policy’s where that is earlier still', async () => {
      const front = (): Plan => ({ options: { deadline: Date.now() + 5_000 } });
      server.forget();
      await within({}, type, front(), {}, {});
      await within({}, type, front(), { options: { deadline: Date.now() + 2_000 } }, {});
      await within({}, type, front(), { options: { deadline: Date.now() + 9_000 } }, {});
      await within({ deadline: '1s' }, type, front(), { options: { deadline: Date.now() + 9_000 } }, {});
      const apart: Plan = { options: { propagate_flags: propagate.CANCELLATION } };
      await within({ deadline: '9s' }, type, front(), apart, {});
      await within({}, type, front(), apart, {});
      const inSeconds = server.calls.map(({ deadlineLeftMs }) => Math.ceil(deadlineLeftMs / 1_000));
      expect(inSeconds).toEqual([5, 2, 5, 1, 9, Infinity]);
    });
  });

  describe.each(['upload', 'chat'] as const)('%s, while its key waits for a request', (type) => {
    const nothing: Plan = { requests: [], keepOpen: true };

    it('ends with its parent’s cancel, without reaching the server', async () => {
      server.forget();
      const { attached, child } = await within(KEYED, type, { cancel: soon() }, nothing);
      expect(codeOf(child)).toBe(Status.CANCELLED);
      expect(child.durationMs).toBeLessThan(1_000);
      expect(server.calls).toEqual([]);
      expect(attached.breakers.list()).toEqual([]);
    });

    it('ends with its parent’s deadline', async () => {
      const { child } = await within(KEYED, type, { options: { deadline: Date.now() + 100 } }, nothing);
      expect([Status.CANCELLED, Status.DEADLINE_EXCEEDED]).toContain(codeOf(child));
      expect(child.durationMs).toBeLessThan(1_000);
    });

    it('does not end with a cancel that is not to be passed on', async () => {
      const own: Plan = { ...nothing, options: { propagate_flags: propagate.DEADLINE, deadline: Date.now() + 400 } };
      const { child } = await within(KEYED, type, { cancel: soon() }, own);
      expect(codeOf(child)).toBe(Status.DEADLINE_EXCEEDED);
      expect(child.durationMs).toBeGreaterThan(150);
    });

    it('listens to its parent no longer than it has to', async () => {
      const attached = attach(KEYED);
      const client = attached.connect(server.target, { interceptors: [slowMessage(2)] });
      const listeners: number[] = [];
      const frontClient = await startFrontServer(async (parent) => {
        for (let call = 0; call < 20; call++) await play(client, type, { options: { parent }, requests: [{}] });
        listeners.push(parent.listenerCount('cancelled'));
      });
      await play(frontClient, 'unary');
      // grpc-js itself leaves one behind for each call; a waiting call must not leave a second.
      await vi.waitFor(() => expect(listeners).toHaveLength(1));
      expect(listeners[0]).toBeLessThanOrEqual(21);
    });
  });

  it('that was refused is answered all the same', async () => {
    const attached = attach();
    await attached.open(server.target);
    const client = attached.connect(server.target);
    const codes: (number | undefined)[] = [];
    const frontClient = await startFrontServer(async (parent) => {
      for (const type of CALL_TYPES) codes.push(codeOf(await play(client, type, { options: { parent } })));
    });
    await play(frontClient, 'unary');
    expect(codes).toEqual([14, 14, 14, 14]);
  });
});
