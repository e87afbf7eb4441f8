import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  status as Status,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const require = createRequire(import.meta.url);
const PACKAGES = join(import.meta.dirname, '../../../node_modules');

interface StubRequest {
  getQuery(): string;
}
interface StubResponse {
  setJson(json: Uint8Array): void;
}

/** A server of Google's Cloud Tasks, with the messages of Google's own package, and of Dgraph, with its own stubs. What is to be broken fails with INTERNAL. */
export interface ThirdPartyServer {
  readonly target: string;
  stop(): void;
}

/** Starts it on a port of its own. */
export async function startThirdPartyServer(): Promise<ThirdPartyServer> {
  const server = new Server();
  server.addService(cloudTasks(), {
    createTask: ({ request }: ServerUnaryCall<{ parent: string }, unknown>, callback: sendUnaryData<unknown>) => {
      if (request.parent.endsWith('broken')) callback({ code: Status.INTERNAL, details: 'broken' });
      else callback(null, { name: `${request.parent}/tasks/1` });
    },
  });
  const { DgraphService } = require('dgraph-js/generated/api_grpc_pb.js') as { DgraphService: ServiceDefinition };
  const { Response } = require('dgraph-js/generated/api_pb.js') as { Response: new () => StubResponse };
  server.addService(DgraphService, {
    query: ({ request }: ServerUnaryCall<StubRequest, StubResponse>, callback: sendUnaryData<StubResponse>) => {
      const response = new Response();
      response.setJson(Buffer.from(JSON.stringify({ asked: request.getQuery() })));
      if (request.getQuery().includes('broken')) callback({ code: Status.INTERNAL, details: 'broken' });
      else callback(null, response);
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { target: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

function cloudTasks(): ServiceDefinition {
  const includeDirs = [join(PACKAGES, '@google-cloud/tasks/build/protos'), join(PACKAGES, 'google-gax/build/protos')];
  const loaded = loadPackageDefinition(loadSync('google/cloud/tasks/v2/cloudtasks.proto', { includeDirs }));
  const { v2 } = (loaded as unknown as { google: { cloud: { tasks: { v2: { CloudTasks: { service: ServiceDefinition } } } } } })
    .google.cloud.tasks;
  return v2.CloudTasks.service;
}
