// A small web service in front of a gRPC service. It knows nothing of breakers: it is to show that it does not have to.
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const { PRICES_ADDRESS = 'prices:50051', PORT = '8080', HOST = '0.0.0.0' } = process.env;
const PROTO = fileURLToPath(new URL('prices.proto', import.meta.url));
const HTTP_OK = 200;
const HTTP_NOT_FOUND = 404;
const HTTP_BAD_GATEWAY = 502;
const HTTP_UNAVAILABLE = 503;

const { prices } = loadPackageDefinition(loadSync(PROTO, { keepCase: true, defaults: true }));
const client = new prices.v1.Prices(PRICES_ADDRESS, credentials.createInsecure());
let isLeaving = false;

const server = createServer((request, response) => {
  const reply = (code, body) => response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const [, place, symbol] = new URL(request.url ?? '/', 'http://desk').pathname.split('/');
  // Both say how this process is, and nothing of the services that it calls.
  if (place === 'livez') reply(HTTP_OK, { alive: true });
  else if (place === 'readyz') reply(isLeaving ? HTTP_UNAVAILABLE : HTTP_OK, { ready: !isLeaving });
  else if (place === 'prices' && symbol) {
    client.GetPrice({ symbol: decodeURIComponent(symbol) }, { deadline: Date.now() + 1_000 }, (error, price) => {
      if (error) reply(HTTP_BAD_GATEWAY, { error: error.details });
      else reply(HTTP_OK, price);
    });
  } else reply(HTTP_NOT_FOUND, { error: 'not found' });
});

server.listen(Number(PORT), HOST, () =>
  console.log(`price desk on ${HOST}:${server.address().port}, prices from ${PRICES_ADDRESS}`),
);

process.once('SIGTERM', () => {
  isLeaving = true;
  server.close(() => {
    client.close();
    process.exit();
  });
  server.closeIdleConnections();
});
