import { Server, ServerCredentials, type ServerUnaryCall, status as Status, type sendUnaryData } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import { connect } from './attached.ts';
import { Scripted, type ScriptedClient } from './scripted-service.ts';

/** A server that makes calls of its own to answer one: each call to it is given to `work` as the parent. It ends with the test. */
export async function startFrontServer(
  work: (parent: ServerUnaryCall<unknown, unknown>) => Promise<unknown>,
): Promise<ScriptedClient> {
  const server = new Server();
  const { Unary } = Scripted.service;
  if (Unary === undefined) throw new Error('no method Unary');
  const answer = async (parent: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>): Promise<void> => {
    try {
      await work(parent);
      callback(null, { text: 'front' });
    } catch (error) {
      callback({ code: Status.INTERNAL, details: (error as Error).message });
    }
  };
  server.addService(
    { Unary },
    { Unary: (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => void answer(call, callback) },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  onTestFinished(() => server.forceShutdown());
  return connect(`127.0.0.1:${port}`);
}
