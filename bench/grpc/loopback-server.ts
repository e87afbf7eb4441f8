import { type handleServerStreamingCall, type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js';
import { Inference, PREDICTION } from './inference.ts';
import { RAW_SERVICE, type RawRequest, STREAM_MESSAGES } from './raw-service.ts';

/** Echoes what it is sent. */
const unary: handleUnaryCall<RawRequest, Buffer> = (call, callback) => callback(null, call.request.bytes);

/** Echoes it in each message of a stream. */
const serverStream: handleServerStreamingCall<RawRequest, Buffer> = (call) => {
  for (let message = 0; message < STREAM_MESSAGES; message++) call.write(call.request.bytes);
  call.end();
};

/** The same prediction for everybody. */
const modelInfer: handleUnaryCall<object, object> = (_call, callback) => callback(null, PREDICTION);

const server = new Server();
server.addService(Inference.service, { ModelInfer: modelInfer });
server.addService(RAW_SERVICE, { Unary: unary, ServerStream: serverStream });
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.send?.(port);
});
// Ends with the process that started it.
process.once('disconnect', () => server.forceShutdown());
