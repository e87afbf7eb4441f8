// The four call types, with interceptors of the application's own in each of the places that grpc-js has for them.
import { Client, credentials, InterceptingCall, Metadata } from '@grpc/grpc-js';

const log = [];

/** Writes down what it sees, by its name. */
const named = (name) => (options, nextCall) =>
  new InterceptingCall(nextCall(options), {
    start(metadata, _listener, next) {
      log.push(`${name} starts`);
      next(metadata, {
        onReceiveStatus(status, nextStatus) {
          log.push(`${name} ends`);
          nextStatus(status);
        },
      });
    },
  });
const [one, two, three] = [named('one'), named('two'), named('three')];
const providers = [() => one, () => undefined, () => two];

/** Of the client, and of the call. */
const PLACES = {
  none: [{}, {}],
  client: [{ interceptors: [one, two] }, {}],
  clientProviders: [{ interceptor_providers: providers }, {}],
  call: [{ interceptors: [three] }, { interceptors: [one, two] }],
  callProviders: [{ interceptors: [three] }, { interceptor_providers: providers }],
};

const asIs = (bytes) => bytes;
const METHODS = {
  unary: (client, options, end) =>
    client.makeUnaryRequest('/scripted.v1.Scripted/Unary', asIs, asIs, Buffer.alloc(0), new Metadata(), options, end),
  upload: (client, options, end) => {
    client.makeClientStreamRequest('/scripted.v1.Scripted/Upload', asIs, asIs, new Metadata(), options, end).end(Buffer.alloc(0));
  },
  download: (client, options, end) => {
    collect(
      client.makeServerStreamRequest('/scripted.v1.Scripted/Download', asIs, asIs, Buffer.alloc(0), new Metadata(), options),
      end,
    );
  },
  chat: (client, options, end) => {
    const call = client.makeBidiStreamRequest('/scripted.v1.Scripted/Chat', asIs, asIs, new Metadata(), options);
    collect(call, end);
    call.end(Buffer.alloc(0));
  },
};

function collect(stream, end) {
  const all = [];
  stream.on('data', (bytes) => all.push(bytes));
  stream.on('error', (error) => end(error));
  stream.on('end', () => end(null, Buffer.concat(all)));
}

async function callAll(client, options) {
  const results = {};
  for (const [name, call] of Object.entries(METHODS)) {
    results[name] = await new Promise((resolve) => {
      call(client, options, (error, bytes) => resolve(error?.code ?? bytes.toString('hex')));
    });
    // The end of a stream comes before its status.
    await new Promise(setImmediate);
    results[name] += `; ${log.splice(0).join(', ')}`;
  }
  return results;
}

const report = {};
for (const [place, [clientOptions, callOptions]] of Object.entries(PLACES)) {
  const client = new Client(process.env.TARGET, credentials.createInsecure(), clientOptions);
  const good = await callAll(client, callOptions);
  const breakers = globalThis[Symbol.for('grpc-breaker.registered')]?.breakers?.list() ?? [];
  for (const breaker of breakers) breaker.trip('by the test');
  const tripped = await callAll(client, callOptions);
  for (const breaker of breakers) breaker.reset();
  report[place] = { good, tripped };
  client.close();
}
console.log(JSON.stringify(report));
