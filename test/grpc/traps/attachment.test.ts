import { type CallOptions, type ClientOptions, type Interceptor, Metadata, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRejection } from '../../../src/index.ts';
import { attach, connect, ready } from '../helpers/attached.ts';
import { marking, recorder, silent } from '../helpers/interceptors.ts';
import { codeOf, messagesOf, play } from '../helpers/play.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { CALL_TYPES, methodName } from '../helpers/scripted-service.ts';

// Traps of grpc-js in how an interceptor gets into a call, and what it is told about it.

const OPEN = { openFor: '1h', backoff: { max: '1h' } } as const;

describe('attached to a client', () => {
  let server: ScriptedServer;
  let other: ScriptedServer;
  beforeAll(async () => {
    [server, other] = await Promise.all([startScriptedServer(), startScriptedServer()]);
  });
  afterAll(() => Promise.all([server.stop(), other.stop()]));

  const LEVELS: readonly { name: string; client?: ClientOptions; call?: CallOptions }[] = [
    { name: 'no other interceptors' },
    { name: 'interceptors of the client', client: { interceptors: [silent] } },
    { name: 'providers of the client', client: { interceptor_providers: [() => silent] } },
    { name: 'interceptors of the call, which replace the client’s', call: { interceptors: [silent] } },
    { name: 'providers of the call, which replace the client’s', call: { interceptor_providers: [() => silent] } },
    { name: 'a provider of the call without an interceptor', call: { interceptor_providers: [() => undefined as never] } },
    { name: 'interceptors of client and call', client: { interceptors: [silent] }, call: { interceptors: [silent] } },
    {
      name: 'interceptors of the client, providers of the call',
      client: { interceptors: [silent] },
      call: { interceptor_providers: [() => silent] },
    },
    {
      name: 'providers of the client, interceptors of the call',
      client: { interceptor_providers: [() => silent] },
      call: { interceptors: [silent] },
    },
    { name: 'empty lists', client: { interceptors: [] }, call: { interceptors: [], interceptor_providers: [] } },
  ];
  describe.each(LEVELS)('with $name', ({ client: clientOptions, call: callOptions }) => {
    it.each(CALL_TYPES)('every call is protected, once (%s)', async (type) => {
      const attached = attach(OPEN);
      const client = attached.connect(server.target, clientOptions);
      server.forget();
      expect(codeOf(await play(client, type, { options: { ...callOptions } }))).toBe(Status.OK);
      const breaker = attached.breaker(server.target, type);
      expect(breaker.snapshot().counts.success).toBe(1);
      breaker.trip('by the test');
      expect(codeOf(await play(client, type, { options: { ...callOptions } }))).toBe(Status.UNAVAILABLE);
      expect(breaker.snapshot().counts.rejected.open).toBe(1);
      expect(server.calls).toHaveLength(1);
    });
  });

  it('two lists that grpc-js refuses together are refused as without a breaker', async () => {
    const both = { interceptors: [silent], interceptor_providers: [() => silent] };
    expect(() => connect(server.target, both)).toThrow(/Both interceptors and interceptor_providers/);
    expect(() => attach().connect(server.target, both)).toThrow(/Both interceptors and interceptor_providers/);
    const [bare, ours] = await Promise.all(
      [connect(server.target), attach().connect(server.target)].map((client) => play(client, 'unary', { options: both })),
    );
    expect(bare?.sights[0]?.[0]).toBe('thrown');
    expect(ours?.sights).toEqual(bare?.sights);
  });

  it('an interceptor alone is replaced by a call’s own, as grpc-js has it', async () => {
    const attached = attach(OPEN);
    const client = connect(server.target, { interceptors: [attached.breakers.interceptor(server.target)] });
    await play(client, 'unary');
    await play(client, 'unary', { options: { interceptors: [silent] } });
    expect(attached.breaker(server.target, 'unary').snapshot().counts.success).toBe(1);
    await play(client, 'unary', { options: { interceptors: [silent, attached.breakers.interceptor(server.target)] } });
    expect(attached.breaker(server.target, 'unary').snapshot().counts.success).toBe(2);
  });

  it('the caller’s transformer of invocations is kept, and ours comes after it', async () => {
    const log: string[] = [];
    const attached = attach(OPEN);
    const client = attached.connect(server.target, {
      callInvocationTransformer: (properties) => {
        properties.metadata.set('x-transformed', 'yes');
        return { ...properties, callOptions: { ...properties.callOptions, interceptors: [recorder(log, 'added')] } };
      },
    });
    server.forget();
    await play(client, 'unary');
    expect(server.calls[0]?.metadata.get('x-transformed')).toEqual(['yes']);
    expect(log).toContain('added start');
    expect(attached.breaker(server.target, 'unary').snapshot().counts.success).toBe(1);
  });

  it('the caller’s own options are not changed', async () => {
    const options: ClientOptions = Object.freeze({
      interceptors: Object.freeze([silent]) as Interceptor[],
      'grpc.enable_retries': 0,
    });
    const callOptions: CallOptions = Object.freeze({ interceptors: Object.freeze([silent]) as Interceptor[] });
    const attached = attach(OPEN);
    expect(attached.breakers.clientOptions(server.target, options)).toMatchObject({ 'grpc.enable_retries': 0 });
    const played = await play(attached.connect(server.target, options), 'unary', { options: callOptions });
    expect(codeOf(played)).toBe(Status.OK);
    expect(options.interceptors).toHaveLength(1);
  });

  it('attached twice to one client, it counts once', async () => {
    const attached = attach(OPEN);
    const { breakers } = attached;
    const given: ClientOptions[] = [
      {},
      { interceptors: [silent] },
      { interceptor_providers: [() => silent] },
      { interceptors: [breakers.interceptor(server.target)] },
    ];
    for (const [index, own] of given.entries()) {
      const options = breakers.clientOptions(server.target, breakers.clientOptions(server.target, own));
      expect(codeOf(await play(connect(server.target, options), 'unary'))).toBe(Status.OK);
      expect(attached.breaker(server.target, 'unary').snapshot().counts.success).toBe(index + 1);
    }
  });

  it('options of ours whose interceptors were replaced by others are made whole again', async () => {
    const attached = attach(OPEN);
    const { breakers } = attached;
    const taken = { ...breakers.clientOptions(server.target), interceptors: [silent] };
    const client = connect(server.target, breakers.clientOptions(server.target, taken));
    expect(codeOf(await play(client, 'unary'))).toBe(Status.OK);
    expect(attached.breaker(server.target, 'unary').snapshot().counts.success).toBe(1);
  });

  it('breakers are told apart by target and by path, whatever the stub calls its methods', async () => {
    const attached = attach(OPEN);
    for (const { target } of [server, other]) for (const type of CALL_TYPES) await play(attached.connect(target), type);
    const names = [server, other].flatMap(({ target }) => CALL_TYPES.map((type) => `${target}/${methodName(type)}`));
    expect(attached.breakers.list().map(({ name }) => name)).toEqual(names);
    attached.breaker(server.target, 'unary').trip('by the test');
    expect(codeOf(await play(attached.connect(other.target), 'unary'))).toBe(Status.OK);
    expect(codeOf(await play(attached.connect(server.target), 'upload'))).toBe(Status.OK);
    expect(codeOf(await play(attached.connect(server.target), 'unary'))).toBe(Status.UNAVAILABLE);
  });

  it('clients that are made anew after errors find their breakers again', async () => {
    const attached = attach({ ...OPEN, trip: { consecutiveFailures: 3 } });
    for (let call = 0; call < 5; call++) {
      const client = attached.connect('127.0.0.1:1');
      await play(client, 'unary');
      client.close();
    }
    expect(attached.breaker('127.0.0.1:1', 'unary').snapshot()).toMatchObject({
      state: 'open',
      counts: { failure: 3, rejected: { open: 2 } },
    });
  });

  it('what other interceptors make of a request is what a key sees; their answers pass unseen', async () => {
    const attached = attach({ key: ['target', 'method', 'request.model_name', 'metadata.x-marked'] });
    const client = attached.connect(server.target, { interceptors: [marking] });
    const played = await play(client, 'unary', { requests: [{ model_name: 'iris' }] });
    expect(messagesOf(played)[0]?.text).toBe('marked');
    expect(attached.breaker(server.target, 'unary', '[marked][yes]').snapshot().counts.success).toBe(1);
  });

  it('a client above that retries UNAVAILABLE by itself wears nobody out', async () => {
    const attached = attach({ ...OPEN, trip: { consecutiveFailures: 3 } });
    const client = attached.connect('127.0.0.1:1');
    const errors: unknown[] = [];
    for (let attempt = 0; attempt < 120; attempt++) {
      errors.push(await new Promise((resolve) => client.unary({}, new Metadata(), {}, resolve)));
    }
    expect(errors.filter((error) => !isRejection(error))).toHaveLength(3);
    expect(attached.breaker('127.0.0.1:1', 'unary').snapshot()).toMatchObject({
      state: 'open',
      counts: { failure: 3, rejected: { open: 117 } },
    });
  });

  it('a unary call is under way when the client method returns', async () => {
    const attached = attach({ key: ['target', 'method', 'request.model_name'] });
    const client = attached.connect(server.target);
    await ready(client);
    const call = client.unary({ model_name: 'iris' }, new Metadata(), {}, () => {});
    expect(attached.breaker(server.target, 'unary', '[iris]').snapshot().inFlight).toBe(1);
    await new Promise((resolve) => call.on('status', resolve));
  });
});
