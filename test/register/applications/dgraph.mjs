// A client with static stubs as grpc-tools makes them.
import { credentials } from '@grpc/grpc-js';
import { DgraphClient, DgraphClientStub } from 'dgraph-js';
import { outage } from './outage.mjs';

const stub = new DgraphClientStub(process.env.TARGET, credentials.createInsecure());
const client = new DgraphClient(stub);
await outage(async (isGood) => {
  const transaction = client.newTxn({ readOnly: true });
  const response = await transaction.query(isGood ? '{ good }' : '{ broken }');
  return response.getJson();
});
stub.close();
