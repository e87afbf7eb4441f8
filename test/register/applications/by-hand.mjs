// Attaches its clients by itself, in each of the ways there are, and makes a call with each.
import { Client, credentials, InterceptingCall } from '@grpc/grpc-js';
import { createBreakers } from '../../../src/index.ts';

const target = process.env.TARGET;
const breakers = createBreakers();
const asIs = (bytes) => bytes;
const own = (options, nextCall) => new InterceptingCall(nextCall(options));
const make = (options) => new Client(target, credentials.createInsecure(), options);

const WAYS = {
  options: [make(breakers.clientOptions(target)), {}],
  'options, providers': [make(breakers.clientOptions(target, { interceptor_providers: [() => own] })), {}],
  'options, interceptors of the call': [make(breakers.clientOptions(target)), { interceptors: [own] }],
  'options, providers of the call': [make(breakers.clientOptions(target)), { interceptor_providers: [() => own] }],
  interceptor: [make({ interceptors: [own, breakers.interceptor(target)] }), {}],
  protected: [breakers.protect(make({})), { interceptors: [own] }],
};

for (const [way, [client, options]] of Object.entries(WAYS)) {
  await new Promise((resolve) => {
    client.makeUnaryRequest(`/scripted.v1.Scripted/Unary`, asIs, asIs, Buffer.alloc(0), options, resolve);
  });
  console.log(JSON.stringify([way, breakers.list()[0]?.snapshot().counts.success]));
  client.close();
}
