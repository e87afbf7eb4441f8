// Stubs as policies load them; the answers are kept.
import { credentials, loadPackageDefinition, Metadata } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { outage } from './outage.mjs';

const loaded = loadPackageDefinition(
  loadSync(process.env.PROTO, { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true }),
);
const client = new loaded.scripted.v1.Scripted(process.env.TARGET, credentials.createInsecure());
let asked = 0;
await outage((isGood) => {
  const metadata = new Metadata();
  asked += 1;
  metadata.set(
    'test-script-bin',
    Buffer.from(JSON.stringify(isGood ? { note: { at: 0, text: `answer ${asked}` } } : { code: 13 })),
  );
  return new Promise((resolve, reject) => {
    client.Unary({ model_name: 'iris' }, metadata, (error, answer) => (error === null ? resolve(answer.note) : reject(error)));
  });
});
client.close();
