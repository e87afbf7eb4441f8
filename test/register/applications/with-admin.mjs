// Waits until something listens at env GRPC_BREAKER_ADMIN, beside its calls.
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { callAll } from './raw.mjs';

const [host, port] = process.env.GRPC_BREAKER_ADMIN.split(':');
const isUp = () =>
  new Promise((resolve) => {
    const socket = connect(Number(port), host, () => resolve(true)).on('error', () => resolve(false));
    socket.unref();
  });

const codes = await callAll();
const giveUp = Date.now() + 10_000;
let admin = await isUp();
while (!admin && Date.now() < giveUp) {
  await wait(20);
  admin = await isUp();
}
console.log(JSON.stringify({ codes, admin }));
process.exit();
