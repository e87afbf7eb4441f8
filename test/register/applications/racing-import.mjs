// Calls while the package is being imported, from the moment on at which that has begun, until one has a breaker.
import { Client, credentials, Metadata } from '@grpc/grpc-js';

const client = new Client(process.env.TARGET, credentials.createInsecure());
const metadata = new Metadata();
metadata.set('test-script-bin', Buffer.from(JSON.stringify({ code: 13 })));
const asIs = (bytes) => bytes;
const call = () =>
  new Promise((resolve) => {
    client.makeUnaryRequest('/scripted.v1.Scripted/Unary', asIs, asIs, Buffer.alloc(0), metadata, (error) => resolve(error.code));
  });

const codes = new Set();
const calls = [];
const timer = setInterval(() => calls.push(call().then((code) => codes.add(code))), 0);
const loading = import('../../../src/index.ts');
calls.push(call().then((code) => codes.add(code)));
const { registered } = await loading;
clearInterval(timer);
await Promise.all(calls);
await call();
console.log(JSON.stringify({ codes: [...codes], seen: registered()?.list().length }));
client.close();
