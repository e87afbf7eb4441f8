import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FallbackSourceOptions } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { Scripted } from '../grpc/helpers/scripted-service.ts';
import { ask, remembering } from './helpers/asking.ts';
import { type SerialServer, startSerialServer } from './helpers/serial-server.ts';

// The last good answer over real calls: how old it may be, how many are kept, and what goes first. Whose it is: last-good-key.test.ts; what is stored: last-good-stored.test.ts.

const IRIS = { model_name: 'iris' };

let server: SerialServer;
beforeAll(async () => {
  server = await startSerialServer();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.next = {};
});

/** The number at the end of an answer's text; the status where there is none. */
function numberIn(text: string): number | string {
  return /\d+$/.test(text) ? Number(text.split(' ').at(-1)) - first : text;
}
/** Answers given before the test. */
let first = 0;
beforeEach(() => {
  first = server.answered;
});

describe('the last good answer', () => {
  it('is served to a refused call, and says where it comes from', async () => {
    const { client, clock, refuse } = remembering(server.target);
    const good = await ask(client, IRIS);
    refuse();
    clock.advance(1_500.25);
    const served = await ask(client, IRIS);
    expect(served.answer).toEqual(good.answer);
    expect(served.info).toMatchObject({ source: 'lastGood', reason: 'rejected', ageMs: 1_500.25 });
    expect(served.headers?.getMap()).toEqual({ 'grpc-breaker-fallback': 'lastGood', 'grpc-breaker-age-ms': '1501' });
    expect(good.info).toBeUndefined();
  });

  it('is served to a failed call where the policy says so, and the failure is not stored over it', async () => {
    const { client } = remembering(
      server.target,
      {},
      { fallback: { on: ['failed'], sources: [{ lastGood: { maxAge: '1m' } }] } },
    );
    const good = await ask(client, IRIS);
    server.next = { code: Status.INTERNAL };
    for (let call = 0; call < 3; call++) expect((await ask(client, IRIS)).text).toBe(good.text);
  });

  it('is the newest', async () => {
    const { client, refuse } = remembering(server.target);
    for (let call = 0; call < 3; call++) await ask(client, IRIS);
    refuse();
    expect(numberIn((await ask(client, IRIS)).text)).toBe(3);
  });

  it('is not replaced by the answer to an older call that was overtaken', async () => {
    const { client, clock, refuse } = remembering(server.target);
    const held = Promise.withResolvers<void>();
    server.next = { before: () => held.promise };
    const older = ask(client, IRIS);
    await expect.poll(() => server.answered).toBe(first + 1);
    clock.advance(1);
    server.next = {};
    await ask(client, IRIS);
    held.resolve();
    expect(numberIn((await older).text)).toBe(1);
    refuse();
    expect(numberIn((await ask(client, IRIS)).text)).toBe(2);
  });
});

describe('maxAge', () => {
  it('is the last millisecond at which an answer is served', async () => {
    const { client, clock, refuse } = remembering(server.target, { maxAge: '10s' });
    await ask(client, IRIS);
    refuse();
    clock.advance(10_000);
    expect(await ask(client, IRIS)).toMatchObject({ info: { ageMs: 10_000 } });
    clock.advance(0.001);
    expect((await ask(client, IRIS)).text).toBe('UNAVAILABLE');
  });

  it('counts from the start of the call that brought the answer, not from its end', async () => {
    const { client, clock, refuse } = remembering(server.target, { maxAge: '10s' });
    server.next = { before: () => clock.advance(4_000) };
    await ask(client, IRIS);
    refuse();
    clock.advance(6_000);
    expect(await ask(client, IRIS)).toMatchObject({ info: { ageMs: 10_000 } });
    clock.advance(1);
    expect((await ask(client, IRIS)).text).toBe('UNAVAILABLE');
  });

  it('holds when the answer leaves: decoding it takes time, too', async () => {
    const clock = new ManualClock(1_000);
    let decodingMs = 0;
    class Slow extends Scripted {}
    const { responseDeserialize } = Scripted.service['Unary'] as { responseDeserialize: (bytes: Buffer) => unknown };
    const decode = (bytes: Buffer) => {
      clock.advance(decodingMs);
      return responseDeserialize(bytes);
    };
    Slow.prototype.unary = function unary(this: Slow, request, metadata, options, callback) {
      const { path, requestSerialize } = Scripted.service['Unary'] as NonNullable<(typeof Scripted.service)[string]>;
      return this.makeUnaryRequest(path, requestSerialize, decode as never, request, metadata, options, callback as never);
    };
    const attached = remembering(server.target, { maxAge: '10s' }, {}, { clock });
    const client = attached.connect(server.target, {}, Slow);
    await ask(client, IRIS);
    attached.refuse();
    clock.advance(9_000);
    decodingMs = 1_000;
    expect(await ask(client, IRIS)).toMatchObject({ info: { ageMs: 10_000 } });
    expect((await ask(client, IRIS)).text).toBe('UNAVAILABLE');
  });

  it('holds behind a source that takes its time', async () => {
    const clock = new ManualClock(1_000);
    const slow = async () => {
      clock.advance(600);
    };
    const sources: FallbackSourceOptions[] = [
      { function: slow },
      { lastGood: { maxAge: '1s' } },
      { name: 'given', message: { text: 'given' } },
    ];
    const { client, refuse } = remembering(server.target, {}, { fallback: { sources } }, { clock });
    await ask(client, IRIS);
    refuse();
    expect(await ask(client, IRIS)).toMatchObject({ info: { source: 'lastGood', ageMs: 600 } });
    expect(await ask(client, IRIS)).toMatchObject({ info: { source: 'given' } });
  });

  it('passed is no reason for a warning', async () => {
    const { client, clock, refuse, warnings } = remembering(server.target);
    await ask(client, IRIS);
    refuse();
    clock.advance(60_000);
    expect((await ask(client, IRIS)).text).toBe('UNAVAILABLE');
    expect(warnings).toEqual([]);
  });
});

describe('what is kept', () => {
  const served = async (client: Parameters<typeof ask>[0], names: string[]) => {
    const found: string[] = [];
    for (const name of names) if ((await ask(client, { model_name: name })).info !== undefined) found.push(name);
    return found;
  };

  it('is maxEntries answers: the one not used for longest goes first', async () => {
    const { client, refuse, pass } = remembering(server.target, { maxEntries: 2 });
    for (const name of ['one', 'two']) await ask(client, { model_name: name });
    refuse();
    await ask(client, { model_name: 'one' });
    pass();
    await ask(client, { model_name: 'three' });
    refuse();
    expect(await served(client, ['one', 'two', 'three'])).toEqual(['one', 'three']);
  });

  it('is maxBytes bytes, and never an answer that is larger', async () => {
    const { client, refuse, pass } = remembering(server.target, { maxBytes: '10KB' });
    server.next = { size: 4_000 };
    for (const name of ['one', 'two', 'three']) await ask(client, { model_name: name });
    refuse();
    expect(await served(client, ['one', 'two', 'three'])).toEqual(['two', 'three']);
    pass();
    server.next = { size: 20_000 };
    await ask(client, { model_name: 'large' });
    refuse();
    expect(await served(client, ['large', 'two', 'three'])).toEqual(['two', 'three']);
  });

  it('counts long keys, too', async () => {
    const { client, refuse } = remembering(server.target, { maxBytes: '2KB', key: ['model_name'] });
    const names = Array.from({ length: 12 }, (_, index) => `${'n'.repeat(120)}${index}`);
    for (const model_name of names) await ask(client, { model_name });
    refuse();
    expect((await served(client, names)).length).toBeLessThan(9);
  });

  it('is not replaced while it is younger than refreshAfter', async () => {
    const { client, clock, refuse, pass } = remembering(server.target, { maxAge: '10s', refreshAfter: '2s' });
    const latest = async () => {
      refuse();
      const { text } = await ask(client, IRIS);
      pass();
      return numberIn(text);
    };
    await ask(client, IRIS);
    clock.advance(1_999);
    await ask(client, IRIS);
    expect(await latest()).toBe(1);
    clock.advance(1);
    await ask(client, IRIS);
    expect(await latest()).toBe(3);
  });
});
