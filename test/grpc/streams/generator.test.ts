import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FallbackContext, FallbackFunction, FallbackSourceOptions } from '../../../src/index.ts';
import { attach } from '../helpers/attached.ts';
import { turns } from '../helpers/quiet.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { type Opening, only, openStream, STREAMS } from './helpers/opened.ts';

// A fallback function that makes its messages one by one, in place of a stream that fails at once or is refused.

const FAILS: Opening = { script: { answers: 0, code: Status.UNAVAILABLE, details: 'lost' } };

describe.each(STREAMS)('a generator (%s)', (type) => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  function answering(source: FallbackSourceOptions, others: readonly FallbackSourceOptions[] = [], opening: Opening = {}) {
    const sources = [source, ...others];
    const attached = attach({ trip: { consecutiveFailures: 9 }, ...only(type), fallback: { on: ['failed'], sources } });
    const client = attached.connect(server.target);
    return { attached, stream: openStream(client, type, { ...FAILS, ...opening }) };
  }

  it('answers with what it yields, at its own pace', async () => {
    const { promise: more, resolve } = Promise.withResolvers<void>();
    const { stream } = answering({
      function: async function* () {
        yield { text: 'a' };
        await more;
        yield { text: 'b' };
      },
    });
    await stream.received(1);
    await turns(20);
    expect([stream.texts, stream.status]).toEqual([['a'], undefined]);
    resolve();
    expect([(await stream.ended).code, stream.texts]).toEqual([Status.OK, ['a', 'b']]);
  });

  it('is asked for no more than is read', async () => {
    let yielded = 0;
    const endless: FallbackFunction = async function* () {
      for (;;) yield { text: `token ${yielded++}` };
    };
    const { stream } = answering({ function: endless }, [], { paused: true });
    stream.call.once('data', () => stream.pause());
    const buffer = stream.call.readableHighWaterMark;
    await vi.waitUntil(() => stream.call.readableLength === buffer);
    await turns(50);
    expect(yielded).toBe(buffer + 1);
    stream.cancel();
    expect((await stream.ended).code).toBe(Status.CANCELLED);
  });

  it.each([
    ['Error', () => new Error('no more'), Status.UNKNOWN, "the fallback's stream failed: no more"],
    [
      'error with a status',
      () => Object.assign(new Error('x'), { code: Status.DATA_LOSS, details: 'the disk' }),
      Status.DATA_LOSS,
      'the disk',
    ],
  ] as const)('that throws an %s in the middle ends the stream with it', async (_, error, code, details) => {
    const { stream } = answering({
      function: async function* () {
        yield { text: 'a' };
        throw error();
      },
    });
    expect([await stream.ended, stream.texts]).toMatchObject([{ code, details }, ['a']]);
  });

  it('that throws before its first message is passed over', async () => {
    const { stream, attached } = answering(
      {
        function: async function* () {
          if (server.target !== '') throw new Error('nothing today');
          yield { text: 'never' };
        },
      },
      [{ messages: [{ text: 'next' }] }],
    );
    expect([(await stream.ended).code, stream.texts]).toEqual([Status.OK, ['next']]);
    expect(attached.warnings).toEqual([expect.stringContaining('nothing today')]);
  });

  it('that yields nothing and ends is an answer without messages', async () => {
    const { stream } = answering({ function: async function* () {} });
    expect([(await stream.ended).code, stream.texts]).toEqual([Status.OK, []]);
  });

  it('that takes too long for its first message is passed over, and ended by its signal', async () => {
    const fate: string[] = [];
    const { stream } = answering({ timeout: '20ms', function: silent(fate) }, [{ messages: [{ text: 'next' }] }]);
    expect([(await stream.ended).code, stream.texts]).toEqual([Status.OK, ['next']]);
    await turns(3);
    expect(fate).toEqual(['aborted', 'ended']);
  });

  it('that has yielded nothing yet is ended by its signal when the caller cancels', async () => {
    const fate: string[] = [];
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const { stream } = answering({ function: silent(fate, resolve) });
    await asked;
    stream.cancel();
    expect((await stream.ended).code).toBe(Status.CANCELLED);
    await turns(3);
    expect(fate).toEqual(['aborted', 'ended']);
  });

  it('is returned when the caller cancels: between two messages, and while it waits', async () => {
    let isLeft = false;
    const { stream } = answering({
      function: async function* () {
        try {
          for (;;) {
            yield { text: 'token' };
            await turns(2);
          }
        } finally {
          isLeft = true;
        }
      },
    });
    await stream.received(3);
    stream.cancel();
    expect((await stream.ended).code).toBe(Status.CANCELLED);
    await vi.waitUntil(() => isLeft);
  });

  it('an iterable of another kind is returned when the caller cancels, though it hangs', async () => {
    let yielded = 0;
    let returned = 0;
    const { promise: hangs, resolve } = Promise.withResolvers<void>();
    const next = (): Promise<IteratorResult<object>> => {
      if (yielded++ === 0) return Promise.resolve({ done: false, value: { text: 'a' } });
      resolve();
      return new Promise(() => {});
    };
    const iterator = {
      next,
      return: () => {
        returned++;
        return Promise.resolve({ done: true as const, value: undefined });
      },
    };
    const { stream } = answering({ function: () => ({ [Symbol.asyncIterator]: () => iterator }) });
    await hangs;
    stream.cancel();
    expect((await stream.ended).code).toBe(Status.CANCELLED);
    await turns(3);
    expect(returned).toBe(1);
  });
});

/** Waits for its signal, and yields only then. What becomes of it stands in `fate`. */
function silent(fate: string[], onWait = () => {}): FallbackFunction {
  return async function* (_request: unknown, { signal }: FallbackContext) {
    try {
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve());
        onWait();
      });
      fate.push('aborted');
      yield { text: 'for nobody' };
      fate.push('went on');
    } finally {
      fate.push('ended');
    }
  };
}
