import { once } from 'node:events';
import { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Interceptor } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attach, connect } from '../helpers/attached.ts';
import { startTwins, type Twins } from '../helpers/compare.ts';
import { OPERATIONS, recorder } from '../helpers/interceptors.ts';
import { settled } from '../helpers/quiet.ts';
import { scripted } from '../helpers/script.ts';
import type { Answer, Question, ScriptedClient } from '../helpers/scripted-service.ts';

// Who does not read holds the other side up, and who reads gets everything, with a closed breaker as without one.

const SIZE = 16_384;
const MESSAGES = 200;
const ON_THE_WAY = 40;

describe('streams through a closed breaker', () => {
  let twins: Twins;
  beforeAll(async () => {
    twins = await startTwins();
  });
  afterAll(() => twins.stop());

  /** Does the same with a client without a breaker and with one, at the same time. */
  async function both<T>(
    use: (client: ScriptedClient, server: Twins['bare']) => Promise<T>,
    interceptors: Interceptor[] = [],
  ): Promise<{ bare: T; ours: T }> {
    twins.bare.forget();
    twins.protected.forget();
    const [bare, ours] = await Promise.all([
      use(connect(twins.bare.target, { interceptors }), twins.bare),
      use(attach().connect(twins.protected.target, { interceptors }), twins.protected),
    ]);
    return { bare, ours };
  }

  const stacks = [
    { stack: 'alone', interceptors: [] },
    { stack: 'behind an asynchronous interceptor', interceptors: [recorder([], 'slow', OPERATIONS)] },
  ];

  describe.each(stacks)('$stack', ({ interceptors }) => {
    it.each(['download', 'chat'] as const)('a caller that stops reading stops the server (%s)', async (type) => {
      const { bare, ours } = await both(async (client, server) => {
        const metadata = scripted({ early: true, answers: MESSAGES, size: SIZE });
        const call = type === 'download' ? client.download({}, metadata, {}) : client.chat(metadata, {});
        call.on('error', () => {});
        call.read(0); // grpc-js holds a server up only from the first read on.
        if (call instanceof Duplex) call.write({});
        const written = () => server.calls[0]?.written ?? 0;
        const taken: number[] = [];
        for (const toRead of [0, 1, 10, 40]) {
          for (let read = 0; read < toRead; ) {
            if (call.read() !== null) read++;
            else await once(call, 'readable');
          }
          taken.push(await settled(written));
        }
        call.cancel();
        return taken;
      }, interceptors);
      expect(bare.at(-1)).toBeLessThan(MESSAGES);
      expect(bare.at(0)).toBeLessThan(bare.at(-1) as number);
      // The same but for what stood in the sockets at that moment.
      expect(Math.max(...ours.map((taken, at) => Math.abs(taken - (bare[at] ?? 0))))).toBeLessThan(ON_THE_WAY);
    });

    it.each(['upload', 'chat'] as const)('a server that stops reading stops the caller (%s)', async (type) => {
      const { bare, ours } = await both(async (client) => {
        const metadata = scripted({ stopReading: true });
        const call = type === 'upload' ? client.upload(metadata, {}, () => {}) : client.chat(metadata, {});
        call.on('error', () => {});
        let written = 0;
        const taken: boolean[] = [];
        for (let message = 0; message < MESSAGES; message++)
          taken.push(call.write({ payload: Buffer.alloc(SIZE) }, () => written++));
        const result = { written: await settled(() => written), asksToWait: taken.indexOf(false) };
        call.cancel();
        return result;
      }, interceptors);
      expect(bare.written).toBeLessThan(MESSAGES);
      expect(ours).toEqual(bare);
    });

    it('a slow reader gets all messages in order', async () => {
      const { bare, ours } = await both(async (client) => {
        const texts: string[] = [];
        const answers: AsyncIterable<Answer> = client.download({}, scripted({ answers: 60, size: SIZE }), {});
        for await (const { text } of answers) {
          texts.push(text);
          if (texts.length % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        }
        return texts;
      }, interceptors);
      expect(bare).toHaveLength(60);
      expect(ours).toEqual(bare);
    });

    it('a pipeline writes everything and ends', async () => {
      const { bare, ours } = await both(async (client, server) => {
        const questions = Array.from({ length: 100 }, (_, index): Question => ({ model_name: `model ${index}` }));
        const answers: string[] = [];
        const collect = async (chat: AsyncIterable<unknown>): Promise<void> => {
          for await (const answer of chat) answers.push((answer as Answer).text);
        };
        await pipeline(Readable.from(questions), client.chat(scripted({ echo: true }), {}) as unknown as Duplex, collect);
        return { answers, received: server.calls[0]?.received.map(({ model_name }) => model_name) };
      }, interceptors);
      expect(bare.answers).toHaveLength(100);
      expect(ours).toEqual(bare);
    });
  });

  it('tells the peer as it comes to know it', async () => {
    const { bare, ours } = await both(async (client, server) => {
      const peers: string[] = [];
      const steady = (peer: string) => peer.replace(server.target, 'TARGET');
      const call = client.chat(scripted({ headers: { 'x-header': 'one' }, early: true, hang: true }), {});
      call.on('error', () => {});
      peers.push(steady(call.getPeer()));
      await once(call, 'metadata');
      peers.push(steady(call.getPeer()));
      call.cancel();
      await new Promise((resolve) => call.on('status', resolve));
      peers.push(steady(call.getPeer()));
      return { peers, auth: call.getAuthContext() };
    });
    expect(bare.peers).toEqual(['dns:TARGET', 'TARGET', 'TARGET']);
    expect(ours).toEqual(bare);
  });
});
