import { type ServerUnaryCall, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FallbackContext, FallbackFunction } from '../../src/index.ts';
import { type Attached, attachAll } from '../grpc/helpers/attached.ts';
import { codeOf, messagesOf, play } from '../grpc/helpers/play.ts';
import { turns } from '../grpc/helpers/quiet.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { SCRIPTED } from '../grpc/helpers/scripted-service.ts';

// What comes behind the first message of a streamed fallback ends with its call, and is left where nobody reads on.

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

/** A refused Download whose fallback is this function. */
async function refused(answer: FallbackFunction): Promise<Attached> {
  const sources = [{ function: answer }, { messages: [{ text: 'the next source' }] }];
  const name = [{ service: SCRIPTED, method: 'Download' }];
  const attached = attachAll({ methods: [{ openFor: '1h', backoff: { max: '1h' }, jitter: 0, name, fallback: { sources } }] });
  await attached.open(server.target, ['download']);
  return attached;
}

/** One message, and then nothing until its signal aborts. What becomes of it stands in `fate`. */
function hanging(fate: string[], onWait = () => {}): FallbackFunction {
  return async function* (_request: unknown, { signal }: FallbackContext) {
    try {
      yield { text: 'first' };
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve());
        onWait();
      });
      fate.push('aborted');
    } finally {
      fate.push('ended');
    }
  };
}

it('ends with the deadline of its call', async () => {
  const fate: string[] = [];
  const client = (await refused(hanging(fate))).connect(server.target);
  const played = await play(client, 'download', { options: { deadline: Date.now() + 100 } });
  expect(messagesOf(played).map(({ text }) => text)).toEqual(['first']);
  expect(codeOf(played)).toBe(Status.DEADLINE_EXCEEDED);
  expect(fate).toEqual(['aborted', 'ended']);
});

it('ends with the cancel of its caller', async () => {
  const fate: string[] = [];
  const { promise: cancel, resolve } = Promise.withResolvers<void>();
  const client = (await refused(hanging(fate, resolve))).connect(server.target);
  const played = await play(client, 'download', { cancel });
  expect(codeOf(played)).toBe(Status.CANCELLED);
  expect(fate).toEqual(['aborted', 'ended']);
});

it('ends with the cancel of the call that it is made in', async () => {
  const fate: string[] = [];
  const client = (await refused(hanging(fate))).connect(server.target);
  const listeners = new Set<() => void>();
  const parent = {
    on: (_event: string, listener: () => void) => listeners.add(listener),
    removeListener: (_event: string, listener: () => void) => listeners.delete(listener),
    getDeadline: () => Infinity,
  };
  const playing = play(client, 'download', { options: { parent: parent as unknown as ServerUnaryCall<unknown, unknown> } });
  await turns(20);
  expect(listeners.size).toBe(1);
  for (const cancel of [...listeners]) cancel();
  expect(codeOf(await playing)).toBe(Status.CANCELLED);
  expect([fate, listeners.size]).toEqual([['aborted', 'ended'], 0]);
});

it('is left where the caller cancels when it hears the metadata', async () => {
  const fate: string[] = [];
  const client = (await refused(hanging(fate))).connect(server.target);
  const played = await play(client, 'download', { cancel: 'onMetadata' });
  expect([codeOf(played), messagesOf(played)]).toEqual([Status.CANCELLED, []]);
  expect(fate).toEqual(['ended']);
});

it('is left where its first message cannot be encoded', async () => {
  let isLeft = false;
  const broken = {
    valueOf() {
      throw new Error('broken');
    },
  };
  const client = (
    await refused(async function* () {
      try {
        yield { item_index: broken };
      } finally {
        isLeft = true;
      }
    })
  ).connect(server.target);
  const played = await play(client, 'download');
  expect(messagesOf(played).map(({ text }) => text)).toEqual(['the next source']);
  expect(isLeft).toBe(true);
});
