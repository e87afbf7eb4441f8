// Fails until a breaker refuses it. After five calls its policy is another one.
import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, credentials, Metadata } from '@grpc/grpc-js';

const client = new Client(process.env.TARGET, credentials.createInsecure());
const metadata = new Metadata();
metadata.set('test-script-bin', Buffer.from(JSON.stringify({ code: 13 })));
const asIs = (bytes) => bytes;
const call = () =>
  new Promise((resolve) => {
    client.makeUnaryRequest('/scripted.v1.Scripted/Unary', asIs, asIs, Buffer.alloc(0), metadata, (error) => resolve(error.code));
  });

const giveUp = Date.now() + 20_000;
const first = [];
for (let at = 0; at < 5; at++) first.push(await call());
writeFileSync(process.env.GRPC_BREAKER_POLICY, process.env.NEXT_POLICY);
let last = 13;
while (last === 13 && Date.now() < giveUp) {
  await wait(20);
  last = await call();
}
console.log(JSON.stringify([...first, last]));
client.close();
