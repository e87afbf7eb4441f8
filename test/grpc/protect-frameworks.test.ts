import { join } from 'node:path';
import { CloudTasksClient } from '@google-cloud/tasks';
import { type Client, credentials } from '@grpc/grpc-js';
import { ClientGrpcProxy } from '@nestjs/microservices';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { attach } from './helpers/attached.ts';
import { type ScriptedServer, startScriptedServer } from './helpers/scripted-server.ts';

let server: ScriptedServer;
beforeAll(async () => {
  // google-auth would look for Google's cloud around this machine.
  process.env['METADATA_SERVER_DETECTION'] = 'none';
  server = await startScriptedServer();
});
afterAll(() => server.stop());

it('a client that NestJS made is protected, and what it makes of its services', async () => {
  const protoPath = join(import.meta.dirname, '../protos/scripted.proto');
  const nest = new ClientGrpcProxy({ url: server.target, package: 'scripted.v1', protoPath });
  onTestFinished(() => nest.close());
  const { breakers } = attach();
  const service = nest.getService<{ unary(question: object): { subscribe(end: object): void } }>('Scripted');
  expect(() => breakers.protect(service as unknown as Client)).toThrow('getClientByServiceName');
  breakers.protect(nest.getClientByServiceName<Client>('Scripted'));
  const call = () => new Promise((resolve, reject) => service.unary({}).subscribe({ error: reject, complete: resolve }));
  await call();
  breakers.get(`${server.target}/scripted.v1.Scripted/Unary`)?.trip('by the test');
  await expect(call()).rejects.toMatchObject({ code: 14 });
});

it('a client that google-gax made is protected', async () => {
  const tasks = new CloudTasksClient({
    apiEndpoint: '127.0.0.1',
    port: Number(server.target.split(':')[1]),
    sslCreds: credentials.createInsecure(),
    projectId: 'test',
  });
  onTestFinished(() => tasks.close());
  const { breakers } = attach();
  expect(() => breakers.protect(tasks as unknown as Client)).toThrow('Stub');
  await tasks.initialize();
  breakers.protect((await tasks.cloudTasksStub) as unknown as Client);
  await expect(tasks.deleteTask({ name: 'x' })).rejects.toMatchObject({ code: 12 });
  breakers.get(`${server.target}/google.cloud.tasks.v2.CloudTasks/DeleteTask`)?.trip('by the test');
  await expect(tasks.deleteTask({ name: 'x' }, { retry: null })).rejects.toMatchObject({ code: 14 });
});
