import { type handleServerStreamingCall, type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js';
import { RAW_SERVICE, STREAM_MESSAGES } from './raw-service.ts';

/** Echoes what it is sent. */
const unary: handleUnaryCall<Buffer, Buffer> = (call, callback) => callback(null, call.request);

/** Echoes it in each message of a stream. */
const serverStream: handleServerStreamingCall<Buffer, Buffer> = (call) => {
  for (let message = 0; message < STREAM_MESSAGES; message++) call.write(call.request);
  call.end();
};

const server = new Server();
server.addService(RAW_SERVICE, { Unary: unary, ServerStream: serverStream });
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.send?.(port);
});
// Ends with the process that started it.
process.once('disconnect', () => server.forceShutdown());
