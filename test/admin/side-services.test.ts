import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  Metadata,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { needed } from '../../src/admin/packages.ts';
import type { Message } from './helpers/admin-client.ts';
import { failureOf, start } from './helpers/started.ts';

const WRITE = 'write-0123456789abcdef';
const require = createRequire(import.meta.url);
const reflectionFile = join(dirname(require.resolve('@grpc/reflection')), '../proto/grpc/reflection/v1/reflection.proto');

function stubOf(
  file: string,
  service: string,
): new (
  address: string,
  given: ReturnType<typeof credentials.createInsecure>,
) => Client {
  const definition = loadPackageDefinition(loadSync(file, { keepCase: true, enums: String, defaults: true, oneofs: true }));
  return service
    .split('.')
    .reduce((part, name) => (part as Record<string, object>)[name] as object, definition as object) as never;
}

function open(address: string, file: string, service: string): Client {
  const client = new (stubOf(file, service))(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  return client;
}

const openHealth = (address: string) => open(address, protoPath, 'grpc.health.v1.Health') as HealthStub;
const openReflection = (address: string) =>
  open(address, reflectionFile, 'grpc.reflection.v1.ServerReflection') as ReflectionStub;

interface HealthStub extends Client {
  Check(request: object, callback: (error: Error | null, response: Message) => void): void;
  Watch(request: object): ClientReadableStream<Message>;
}

interface ReflectionStub extends Client {
  ServerReflectionInfo(metadata: Metadata): ClientDuplexStream<object, Message>;
}

const check = (client: HealthStub, service: string): Promise<Message> =>
  new Promise((resolve, reject) =>
    client.Check({ service }, (error, response) => (error === null ? resolve(response) : reject(error))),
  );

const ask = (client: ReflectionStub, request: object, token?: string): Promise<Message> =>
  new Promise((resolve, reject) => {
    const metadata = new Metadata();
    if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
    const stream = client.ServerReflectionInfo(metadata);
    stream.on('data', (response: Message) => {
      resolve(response);
      stream.end();
    });
    stream.on('error', reject);
    stream.write(request);
  });

describe('health', () => {
  it('is told without a token, until the service is closed', async () => {
    const { admin } = await start({ tokens: { write: WRITE } });
    const client = openHealth(admin.address);
    for (const service of ['', 'grpc_breaker.admin.v1.Admin'])
      expect(await check(client, service)).toEqual({ status: 'SERVING' });
    expect((await failureOf(check(client, 'other'))).code).toBe(5);
    const told: string[] = [];
    const ended = new Promise((resolve) => {
      const stream = client.Watch({ service: '' });
      stream.on('data', ({ status }: Message) => {
        told.push(status);
        if (told.length === 1) void admin.close();
      });
      stream.on('error', resolve);
    });
    await ended;
    expect(told).toEqual(['SERVING', 'NOT_SERVING']);
  });

  it('is watched by so many, because that needs no token', async () => {
    const { admin } = await start({ tokens: { write: WRITE } });
    const client = openHealth(admin.address);
    const watch = () =>
      new Promise<number>((resolve) => {
        const stream = client.Watch({ service: '' });
        streams.push(stream);
        stream.on('data', () => resolve(0));
        stream.on('error', ({ code }: Error & { code: number }) => resolve(code));
      });
    const streams: ClientReadableStream<Message>[] = [];
    expect(await Promise.all(Array.from({ length: 101 }, watch))).toEqual([...Array(100).fill(0), 8]);
    const freed = new Promise((resolve) => streams[0]?.on('error', resolve));
    streams[0]?.cancel();
    await freed;
    expect(await check(client, '')).toEqual({ status: 'SERVING' });
    expect(await watch()).toBe(0);
  });

  it('is not there where it is not wanted', async () => {
    const { admin } = await start({ health: false });
    const client = openHealth(admin.address);
    expect((await failureOf(check(client, ''))).code).toBe(12);
  });
});

describe('reflection', () => {
  it('lists the services, and describes their messages', async () => {
    const { admin } = await start();
    const client = openReflection(admin.address);
    const list = await ask(client, { list_services: '*' });
    expect(list['list_services_response'].service.map(({ name }: Message) => name).sort()).toEqual([
      'grpc.health.v1.Health',
      'grpc_breaker.admin.v1.Admin',
    ]);
    const file = await ask(client, { file_containing_symbol: 'grpc_breaker.admin.v1.ForceOpenRequest' });
    expect(file['file_descriptor_response'].file_descriptor_proto.length).toBeGreaterThan(1);
  });

  it('needs a token where there is one', async () => {
    const { admin } = await start({ tokens: { write: WRITE } });
    const client = openReflection(admin.address);
    expect((await failureOf(ask(client, { list_services: '*' }))).code).toBe(16);
    expect(await ask(client, { list_services: '*' }, WRITE)).toMatchObject({ message_response: 'list_services_response' });
  });
});

describe('a package that is missing', () => {
  const missing = (name: string) => {
    throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
  };

  it('is told with the command that installs it', () => {
    expect(() => needed('grpc-health-check', 'the admin service with health: true', missing)).toThrow(
      'the admin service with health: true needs the package grpc-health-check, which is not installed; npm install grpc-health-check',
    );
  });

  it('is told apart from one that is broken', () => {
    const broken = () => {
      throw new SyntaxError('odd');
    };
    expect(() => needed('grpc-health-check', 'x', broken)).toThrow(SyntaxError);
  });
});
