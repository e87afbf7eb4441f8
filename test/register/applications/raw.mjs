// Calls without stubs: env CALLS is a list of [method, code that the server ends it with], COPIES the copies of grpc-js that each make them all.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export async function callAll() {
  const results = [];
  for (const copy of JSON.parse(process.env.COPIES ?? '["@grpc/grpc-js"]')) {
    const { Client, credentials, Metadata } = require(copy);
    const client = new Client(process.env.TARGET, credentials.createInsecure());
    for (const [path, code] of JSON.parse(process.env.CALLS)) {
      const metadata = new Metadata();
      metadata.set('test-script-bin', Buffer.from(JSON.stringify({ code })));
      results.push(await call(client, path, metadata));
    }
    client.close();
  }
  return results;
}

function call(client, path, metadata) {
  return new Promise((resolve) => {
    const asIs = (bytes) => bytes;
    client.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), metadata, (error) => resolve(error?.code ?? 0));
  });
}
