// The calls are made by a worker; it tells of its own breakers.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { callAll } from './raw.mjs';

if (isMainThread) {
  const [results] = await once(new Worker(new URL(import.meta.url)), 'message');
  console.log(JSON.stringify(results));
} else {
  const codes = await callAll();
  const breakers = globalThis[Symbol.for('grpc-breaker.registered')]?.breakers?.snapshot() ?? [];
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads has no origin
  parentPort.postMessage({ codes, breakers: breakers.map(({ name }) => name) });
}
