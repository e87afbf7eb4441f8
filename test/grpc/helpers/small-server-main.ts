import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { Scripted } from './scripted-service.ts';

// The program of `forkSmallServer`: does one call after the other, each in some milliseconds, and does not look whether anybody still waits,
// as many servers do not. With more calls than it can do, all of them come too late.

process.once('disconnect', () => process.exit());
const workMs = Number(process.argv[2]);
const { Unary } = Scripted.service;
if (Unary === undefined) throw new Error('no method Unary');

let freeAtMs = 0;
const answer = (_call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>): void => {
  const now = performance.now();
  freeAtMs = Math.max(now, freeAtMs) + workMs;
  setTimeout(() => callback(null, { text: 'done' }), freeAtMs - now);
};
const server = new Server();
server.addService({ Unary }, { Unary: answer });
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.send?.(`127.0.0.1:${port}`);
});
