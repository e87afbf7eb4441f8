// Makes a call while the modules of the application are still being evaluated.
import { Client, credentials, Metadata } from '@grpc/grpc-js';

const client = new Client(process.env.TARGET, credentials.createInsecure());
const metadata = new Metadata();
metadata.set('test-script-bin', Buffer.from(JSON.stringify({ code: 13 })));
const asIs = (bytes) => bytes;

export const ended = new Promise((resolve) => {
  client.makeUnaryRequest('/scripted.v1.Scripted/Unary', asIs, asIs, Buffer.alloc(0), metadata, (error) => {
    client.close();
    resolve(error.code);
  });
});
