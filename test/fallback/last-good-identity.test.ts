import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type CallOptions,
  ChannelCredentials,
  type ClientOptions,
  credentials,
  InterceptingCall,
  type Interceptor,
  Metadata,
  ServerCredentials,
} from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { LastGoodOptions } from '../../src/index.ts';
import { connect } from '../grpc/helpers/attached.ts';
import { turns } from '../grpc/helpers/quiet.ts';
import { Scripted, type ScriptedClient } from '../grpc/helpers/scripted-service.ts';
import { selfSigned } from '../grpc/helpers/self-signed.ts';
import { type Asker, ask, type Remembering, remembering } from './helpers/asking.ts';
import { type SerialServer, startSerialServer } from './helpers/serial-server.ts';

// No caller sees another one's answer. Which requests are the same question is in last-good-key.test.ts.

const IRIS = { model_name: 'iris' };

/** Whether an answer to one caller is served to another, who asks the same. */
async function shares(lastGood: Partial<LastGoodOptions>, target: string, stored: Asker, asked: Asker): Promise<boolean> {
  const { client, refuse, warnings } = remembering(target, lastGood);
  const { text } = await ask(client, IRIS, stored);
  refuse();
  const served = await ask(client, IRIS, asked);
  expect(warnings).toEqual([]);
  expect([text, 'UNAVAILABLE']).toContain(served.text);
  return served.text === text;
}

function entries(...pairs: (readonly [string, string | Buffer])[]): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of pairs) metadata.add(key, value);
  return metadata;
}

describe('metadata', () => {
  let server: SerialServer;
  beforeAll(async () => {
    server = await startSerialServer();
  });
  afterAll(() => server.stop());

  const of = (...pairs: Parameters<typeof entries>) => ({ metadata: entries(...pairs) });
  it.each<[string, Partial<LastGoodOptions>, Asker, Asker, boolean]>([
    ['the same authorization', {}, { authorization: 'alice' }, { authorization: 'alice' }, true],
    ['another authorization', {}, { authorization: 'alice' }, { authorization: 'bob' }, false],
    ['no authorization', {}, { authorization: 'alice' }, {}, false],
    ['none either', {}, {}, {}, true],
    ['an entry that tells nobody apart', {}, of(['x-request-id', '1']), of(['x-request-id', '2']), true],
    ['an empty identity', { identity: [] }, { authorization: 'alice' }, { authorization: 'bob' }, true],
    ['an entry of the policy’s', { identity: ['X-Tenant'] }, of(['x-tenant', 'a']), of(['x-tenant', 'b']), false],
    ['an entry that the policy left out', { identity: ['x-tenant'] }, { authorization: 'alice' }, { authorization: 'bob' }, true],
    ['bytes', { identity: ['x-who-bin'] }, of(['x-who-bin', Buffer.from([1])]), of(['x-who-bin', Buffer.from([1])]), true],
    ['other bytes', { identity: ['x-who-bin'] }, of(['x-who-bin', Buffer.from([1])]), of(['x-who-bin', Buffer.from([2])]), false],
    ['a second value', { identity: ['x-who'] }, of(['x-who', 'a'], ['x-who', 'b']), of(['x-who', 'a']), false],
    ['a value in another entry', { identity: ['x-one', 'x-two'] }, of(['x-one', 'a']), of(['x-two', 'a']), false],
    ['another name of the server', {}, { options: { host: 'one.test' } }, { options: { host: 'two.test' } }, false],
    ['the same name of the server', {}, { options: { host: 'one.test' } }, { options: { host: 'one.test' } }, true],
  ])('%s', async (_name, lastGood, stored, asked, expected) => {
    expect(await shares(lastGood, server.target, stored, asked)).toBe(expected);
  });

  it('is what was sent: interceptors outside add to it, and callers change theirs afterwards', async () => {
    let token = 'alice';
    const authorize: Interceptor = (options, nextCall) =>
      new InterceptingCall(nextCall(options), {
        start: (metadata, listener, next) => {
          metadata.set('authorization', token);
          next(metadata, listener);
        },
      });
    const attached = remembering(server.target, {}, {}, { client: { interceptors: [authorize] } });
    const metadata = new Metadata();
    const pending = ask(attached.client, IRIS, { metadata });
    await turns(1);
    const { text } = await pending;
    metadata.set('authorization', 'mallory');
    attached.refuse();
    expect((await ask(attached.client, IRIS)).text).toBe(text);
    token = 'bob';
    expect((await ask(attached.client, IRIS)).text).toBe('UNAVAILABLE');
  });

  it('cannot be all where the client has the interceptor alone: nothing is stored, said once, unless the policy shares answers', async () => {
    for (const [lastGood, expected] of [
      [{}, 'UNAVAILABLE'],
      [{ identity: [] }, 'nobody iris'],
    ] as const) {
      const { breakers, refuse, warnings } = remembering(server.target, lastGood);
      const client = connect(server.target, { interceptors: [breakers.interceptor(server.target)] });
      for (let call = 0; call < 2; call++) await ask(client, IRIS);
      refuse();
      expect((await ask(client, IRIS)).text).toContain(expected);
      expect(warnings).toEqual(
        lastGood === undefined || 'identity' in lastGood ? [] : [expect.stringContaining('interceptor alone')],
      );
    }
  });

  it('of calls with interceptors of their own is as complete', async () => {
    const { client, refuse } = remembering(server.target);
    const plain: Interceptor = (options, nextCall) => new InterceptingCall(nextCall(options));
    const { text } = await ask(client, IRIS, { options: { interceptors: [plain] } });
    refuse();
    expect((await ask(client, IRIS)).text).toBe(text);
  });
});

describe('credentials', () => {
  const { key, certificate } = selfSigned();
  let server: SerialServer;
  beforeAll(async () => {
    server = await startSerialServer(ServerCredentials.createSsl(null, [{ private_key: key, cert_chain: certificate }]));
  });
  afterAll(() => server.stop());

  const user = (name: string, entry = `x-${name}`) =>
    credentials.createFromMetadataGenerator((_options, done) => done(null, entries([entry, name])));
  const tls = credentials.createSsl(certificate);
  const [alice, bob] = [user('alice', 'authorization'), user('bob')];
  const combine = (...calls: ReturnType<typeof user>[]) => credentials.combineChannelCredentials(tls, ...calls);

  function client({ breakers }: Remembering, channel: ChannelCredentials, options: ClientOptions = {}): ScriptedClient {
    const made = new Scripted(server.target, channel, {
      'grpc.use_local_subchannel_pool': 1,
      ...breakers.clientOptions(server.target, options),
    });
    onTestFinished(() => made.close());
    return made;
  }

  it('of two clients of one target keep their answers apart', async () => {
    const attached = remembering(server.target);
    const [hers, his] = [client(attached, combine(alice)), client(attached, combine(bob))];
    const { text } = await ask(hers, IRIS);
    expect(text).toMatch(/^alice iris/);
    attached.refuse();
    expect((await ask(his, IRIS)).text).toBe('UNAVAILABLE');
    expect((await ask(client(attached, tls), IRIS)).text).toBe('UNAVAILABLE');
    expect((await ask(hers, IRIS)).text).toBe(text);
  });

  it('that are equal share them: a client that is made anew finds what the last one stored', async () => {
    const attached = remembering(server.target);
    for (const channel of [() => tls, () => combine(alice), () => combine(alice, bob)]) {
      const { text } = await ask(client(attached, channel()), IRIS);
      expect(text).toContain('iris');
      attached.refuse();
      expect((await ask(client(attached, channel()), IRIS)).text).toBe(text);
      attached.pass();
    }
  });

  it.each([
    ['are fewer', [alice], [alice, bob]],
    ['are more', [alice, bob], [alice]],
    ['are fewer of several', [alice, bob], [alice, bob, user('carol')]],
    ['are more of several', [alice, bob, user('carol')], [alice, bob]],
    ['stand in another order', [alice, bob], [bob, alice]],
    ['come from another function', [alice], [user('alice')]],
  ])('that %s are others', async (_name, stored, asked) => {
    const attached = remembering(server.target);
    const [first, second] = [client(attached, combine(...stored)), client(attached, combine(...asked))];
    expect((await ask(first, IRIS)).error).toBeUndefined();
    attached.refuse();
    expect((await ask(second, IRIS)).text).toBe('UNAVAILABLE');
  });

  it.each<[string, CallOptions, CallOptions, boolean]>([
    ['the same', { credentials: alice }, { credentials: alice }, true],
    ['others', { credentials: alice }, { credentials: bob }, false],
    ['none', { credentials: alice }, {}, false],
    ['some, where there were none', {}, { credentials: alice }, false],
  ])('of a single call count: %s', async (_name, stored, asked, expected) => {
    const attached = remembering(server.target);
    const shared = client(attached, tls);
    const { text } = await ask(shared, IRIS, { options: stored });
    attached.refuse();
    expect((await ask(shared, IRIS, { options: asked })).text === text).toBe(expected);
  });

  it('are shared where the policy says so', async () => {
    const attached = remembering(server.target, { identity: [] });
    const { text } = await ask(client(attached, combine(alice)), IRIS);
    attached.refuse();
    expect((await ask(client(attached, combine(bob)), IRIS, { options: { credentials: bob } })).text).toBe(text);
  });

  it('of a channel that does not show them are its own, and kinds that cannot be compared cost no call', async () => {
    class Odd extends ChannelCredentials {
      override _isSecure() {
        return false;
      }
      override _equals(): boolean {
        throw new Error('cannot be compared');
      }
      override _createSecureConnector(...given: Parameters<ChannelCredentials['_createSecureConnector']>) {
        return tls._createSecureConnector(...given);
      }
      override compose(): never {
        throw new Error('cannot be composed');
      }
    }
    const attached = remembering(server.target);
    const odd = client(attached, new Odd());
    const { text } = await ask(odd, IRIS);
    expect(text).toMatch(/^nobody iris/);
    attached.refuse();
    expect((await ask(odd, IRIS)).text).toBe(text);
    expect((await ask(client(attached, new Odd()), IRIS)).text).toBe('UNAVAILABLE');
    expect((await ask(client(attached, tls), IRIS)).text).toBe('UNAVAILABLE');
  });
});

describe('a client without credentials', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;

  it('that is made for each call finds what the one before stored, also when that is long gone', async () => {
    const server = await startSerialServer();
    onTestFinished(() => server.stop());
    const { breakers, refuse } = remembering(server.target);
    const once = async () => {
      const client = new Scripted(server.target, credentials.createInsecure(), breakers.clientOptions(server.target));
      const { text } = await ask(client, IRIS);
      client.close();
      return text;
    };
    const text = await once();
    for (let time = 0; time < 3; time++) {
      await turns(5);
      collect();
    }
    refuse();
    expect(await once()).toBe(text);
  });
});
