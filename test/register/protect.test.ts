import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CloudTasksClient } from '@google-cloud/tasks';
import type * as GrpcJs from '@grpc/grpc-js';
import { type Client, type ClientOptions, credentials, type Interceptor, type Metadata } from '@grpc/grpc-js';
import { ClientGrpcProxy } from '@nestjs/microservices';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Breakers, createBreakers } from '../../src/index.ts';
import { connect } from '../grpc/helpers/attached.ts';
import { codeOf, play } from '../grpc/helpers/play.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { CALL_TYPES, methodName } from '../grpc/helpers/scripted-service.ts';
import { copyGrpcJs } from './helpers/copy-of-grpc-js.ts';

let server: ScriptedServer;
beforeAll(async () => {
  // google-auth would look for Google's cloud around this machine.
  process.env['METADATA_SERVER_DETECTION'] = 'none';
  server = await startScriptedServer();
});
afterAll(() => server.stop());

function make(): Breakers {
  return createBreakers({ methods: [{ trip: { consecutiveFailures: 1 }, openFor: '1m' }] }, { telemetry: false });
}

/** How often calls went through an interceptor. */
function counting(): { readonly interceptor: Interceptor; calls: number } {
  const counted = {
    calls: 0,
    interceptor: ((options, nextCall) => {
      counted.calls += 1;
      return nextCall(options) as ReturnType<Interceptor>;
    }) as Interceptor,
  };
  return counted;
}

describe('a client that exists already', () => {
  it('is protected, in all four call types, under the names of clients that are attached by hand', async () => {
    const breakers = make();
    const client = connect(server.target);
    expect(breakers.protect(client)).toBe(client);
    await Promise.all(CALL_TYPES.map((type) => play(client, type)));
    const names = CALL_TYPES.map((type) => `${server.target}/${methodName(type)}`);
    expect(breakers.list().map(({ name }) => name)).toEqual(names);
    for (const breaker of breakers.list()) breaker.trip('by the test');
    for (const type of CALL_TYPES) expect(codeOf(await play(client, type))).toBe(14);
  });

  it('is given the target that it is called by', async () => {
    const breakers = make();
    await play(breakers.protect(connect(server.target), 'models'), 'unary');
    expect(breakers.list().map(({ name }) => name)).toEqual([`models/${methodName('unary')}`]);
  });

  it.each(['interceptors', 'interceptor_providers'] as const)('keeps its %s, and those of calls', async (place) => {
    const breakers = make();
    const [ofClient, ofCall, transformed] = [counting(), counting(), counting()];
    const as = (interceptor: Interceptor): ClientOptions =>
      place === 'interceptors' ? { interceptors: [interceptor] } : { interceptor_providers: [() => interceptor] };
    const options: ClientOptions = {
      ...as(ofClient.interceptor),
      callInvocationTransformer: (properties) => {
        transformed.calls += 1;
        return properties;
      },
    };
    const client = breakers.protect(connect(server.target, options));
    await play(client, 'unary');
    await play(client, 'unary', { options: as(ofCall.interceptor) });
    expect([ofClient.calls, ofCall.calls, transformed.calls]).toEqual([1, 1, 2]);
    expect(breakers.snapshot().map(({ counts }) => counts.success)).toEqual([2]);
  });

  it('that is protected already, twice or by hand, stays as it is', async () => {
    const breakers = make();
    const twice = breakers.protect(breakers.protect(connect(server.target)), 'other');
    const byHand = breakers.protect(connect(server.target, breakers.clientOptions(server.target)));
    await play(twice, 'unary');
    await play(byHand, 'unary');
    expect(breakers.snapshot().map(({ counts }) => counts.success)).toEqual([2]);
  });

  it('of another copy of grpc-js is protected', async () => {
    const { folder, remove } = copyGrpcJs();
    onTestFinished(remove);
    const grpc = createRequire(import.meta.url)(folder) as typeof GrpcJs;
    const breakers = make();
    const client = breakers.protect(new grpc.Client(server.target, grpc.credentials.createInsecure()));
    onTestFinished(() => client.close());
    const asIs = (bytes: Buffer): Buffer => bytes;
    const call = (): Promise<number> =>
      new Promise((resolve) => {
        client.makeUnaryRequest('/scripted.v1.Scripted/Unary', asIs, asIs, Buffer.alloc(0), (error) => resolve(error?.code ?? 0));
      });
    expect(await call()).toBe(0);
    breakers.list()[0]?.trip('by the test');
    expect(await call()).toBe(14);
  });

  it('of NestJS is protected, and its services with it', () => {
    const url = server.target;
    const protoPath = join(import.meta.dirname, '../protos/scripted.proto');
    const nest = new ClientGrpcProxy({ url, package: 'scripted.v1', protoPath });
    onTestFinished(() => nest.close());
    const breakers = make();
    expect(() => breakers.protect(nest.getService('Scripted') as unknown as Client)).toThrow('getClientByServiceName');
    breakers.protect(nest.getClientByServiceName<Client>('Scripted'));
    const service = nest.getService<{ unary(question: object, metadata?: Metadata): { subscribe(end: object): void } }>(
      'Scripted',
    );
    return new Promise<void>((resolve, reject) => {
      service.unary({}).subscribe({ error: reject, complete: resolve });
    }).then(() => expect(breakers.list()).toHaveLength(1));
  });

  it('of google-gax is protected', async () => {
    const tasks = new CloudTasksClient({
      apiEndpoint: '127.0.0.1',
      port: Number(server.target.split(':')[1]),
      sslCreds: credentials.createInsecure(),
      projectId: 'test',
    });
    onTestFinished(() => tasks.close());
    const breakers = make();
    expect(() => breakers.protect(tasks as unknown as Client)).toThrow('Stub');
    await tasks.initialize();
    breakers.protect((await tasks.cloudTasksStub) as unknown as Client);
    await expect(tasks.deleteTask({ name: 'x' })).rejects.toMatchObject({ code: 12 });
    expect(breakers.list().map(({ name }) => name)).toEqual([`${server.target}/google.cloud.tasks.v2.CloudTasks/DeleteTask`]);
  });

  it.each([[undefined], [null], ['127.0.0.1:1'], [{}], [Promise.resolve()], [() => {}]])('is not %s', (value) => {
    expect(() => make().protect(value as unknown as Client)).toThrow(TypeError);
  });
});
