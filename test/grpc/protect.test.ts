import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { isRejection } from '../../src/index.ts';
import { attach, connect } from './helpers/attached.ts';
import { messagesOf, play } from './helpers/play.ts';
import { scripted } from './helpers/script.ts';
import { startScriptedServer } from './helpers/scripted-server.ts';
import { CALL_TYPES, methodName, receivesStream, type ScriptedClient } from './helpers/scripted-service.ts';

const STRICT = { trip: { consecutiveFailures: 1 }, openFor: '1h', backoff: { max: '1h' } } as const;
const FAILING = scripted({ answers: 0, code: grpc.status.UNAVAILABLE, details: 'sick' });
const insecure = grpc.credentials.createInsecure();

let server: Awaited<ReturnType<typeof startScriptedServer>>;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

describe.each(CALL_TYPES)('a client that exists already (%s)', (type) => {
  const instead = receivesStream(type) ? { messages: [{ text: 'instead' }] } : { message: { text: 'instead' } };
  const policy = { ...STRICT, fallback: { sources: [instead] } };
  // The other methods answer in another way; a fallback for all would not fit them.
  const attached = () =>
    attach({ ...policy, name: [{ service: 'scripted.v1.Scripted', method: methodName(type).split('/')[1] ?? '' }] });

  it('is protected, under the name that it would have got from clientOptions', async () => {
    const { breakers, breaker } = attached();
    const client = connect(server.target);
    expect(breakers.protect(client)).toBe(client);
    await play(client, type, { metadata: FAILING });
    expect(messagesOf(await play(client, type, {})).map(({ text }) => text)).toEqual(['instead']);
    expect(breaker(server.target, type).snapshot()).toMatchObject({ state: 'open', counts: { rejected: { open: 1 } } });
  });

  it('keeps its interceptors, and those of a call, outside of ours', async () => {
    const { breakers, breaker } = attached();
    const log: string[] = [];
    const note =
      (name: string): grpc.Interceptor =>
      (options, nextCall) => {
        log.push(name);
        return new grpc.InterceptingCall(nextCall(options));
      };
    const client = breakers.protect(connect(server.target, { interceptors: [note('one'), note('two')] }));
    await play(client, type, {});
    await play(client, type, { options: { interceptors: [note('own')] } });
    await play(client, type, { options: { interceptor_providers: [() => note('provided')] } });
    expect(log).toEqual(['one', 'two', 'own', 'provided']);
    expect(breaker(server.target, type).snapshot().counts.success).toBe(3);
  });

  it('keeps its providers and its transformer', async () => {
    const { breakers, breaker } = attached();
    const seen: string[] = [];
    const provider: grpc.InterceptorProvider = ({ path }) => {
      seen.push(path);
      return undefined as never;
    };
    const client = breakers.protect(
      connect(server.target, {
        interceptor_providers: [provider],
        callInvocationTransformer: (properties) => {
          seen.push('transformer');
          return properties;
        },
      }),
    );
    await play(client, type, {});
    expect(seen).toEqual(['transformer', `/${methodName(type)}`]);
    expect(breaker(server.target, type).snapshot().counts.success).toBe(1);
  });

  it('is protected once, however often it is asked for, and by whom', async () => {
    const { breakers, breaker, connect: attach } = attached();
    const twice = breakers.protect(breakers.protect(connect(server.target)));
    await play(twice, type, {});
    expect(breaker(server.target, type).snapshot().counts.success).toBe(1);
    const attachedBefore = breakers.protect(attach(server.target));
    await play(attachedBefore, type, {});
    expect(breaker(server.target, type).snapshot().counts.success).toBe(2);
  });
});

describe('protect', () => {
  it('takes another target for the names', async () => {
    const { breakers } = attach(STRICT);
    await play(breakers.protect(connect(server.target), 'models'), 'unary', {});
    expect(breakers.list().map(({ name }) => name)).toEqual([`models/${methodName('unary')}`]);
  });

  it('protects clients of another copy of grpc-js', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-copy-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const installed = join(import.meta.dirname, '../../node_modules/@grpc');
    cpSync(join(installed, 'grpc-js'), join(folder, 'copy/grpc-js'), { recursive: true });
    symlinkSync(join(installed, '..'), join(folder, 'node_modules'));
    const copy = createRequire(import.meta.url)(join(folder, 'copy/grpc-js')) as typeof grpc;
    expect(copy.Client).not.toBe(grpc.Client);
    const { Scripted } = await import('./helpers/scripted-service.ts');
    const Service = copy.makeClientConstructor(Scripted.service, 'Scripted');
    const client = new Service(server.target, copy.credentials.createInsecure()) as unknown as ScriptedClient;
    onTestFinished(() => client.close());
    const { breakers, breaker } = attach(STRICT);
    breakers.protect(client);
    const call = (metadata: grpc.Metadata) =>
      new Promise<grpc.ServiceError | null>((resolve) => void client.unary({}, metadata, {}, (error) => resolve(error)));
    expect(await call(copy.Metadata.fromHttp2Headers({ ...FAILING.toHttp2Headers() } as Record<string, string[]>))).toMatchObject(
      { details: 'sick' },
    );
    const refused = await call(new copy.Metadata());
    expect(refused).toMatchObject({ code: grpc.status.UNAVAILABLE });
    expect(isRejection(refused)).toBe(true);
    expect(breaker(server.target, 'unary').state).toBe('open');
  });

  it.each([
    ['nothing', undefined],
    ['an object', { sayHello: () => undefined }],
    ['a client class', grpc.Client],
    ['a name', 'localhost:1'],
  ])('refuses %s, and says what to pass instead', (_, value) => {
    const { breakers } = attach();
    expect(() => breakers.protect(value as never)).toThrow(
      'no client of @grpc/grpc-js; expected what `new Service(target, credentials)` gave',
    );
  });

  it('refuses a client whose grpc-js keeps its interceptors elsewhere, and leaves it as it was', () => {
    class Client extends Object {
      makeUnaryRequest(): void {}
      getChannel(): unknown {
        return { getTarget: () => 'dns:localhost:1' };
      }
    }
    const { breakers } = attach();
    expect(() => breakers.protect(new Client() as never)).toThrow('pass breakers.clientOptions(target) to its constructor');
  });

  it('gives a client without calls no channel work', () => {
    const { breakers } = attach();
    const client = new grpc.Client('127.0.0.1:1', insecure);
    onTestFinished(() => client.close());
    breakers.protect(client);
    expect(client.getChannel().getConnectivityState(false)).toBe(grpc.connectivityState.IDLE);
  });
});
