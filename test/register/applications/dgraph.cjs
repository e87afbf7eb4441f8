// The same in CommonJS.
const { credentials } = require('@grpc/grpc-js');
const { DgraphClient, DgraphClientStub } = require('dgraph-js');
const { outage } = require('./outage.mjs');

const stub = new DgraphClientStub(process.env.TARGET, credentials.createInsecure());
const client = new DgraphClient(stub);
const ended = outage(async (isGood) => {
  const transaction = client.newTxn({ readOnly: true });
  const response = await transaction.query(isGood ? '{ good }' : '{ broken }');
  return response.getJson();
});
void ended.then(() => stub.close());
