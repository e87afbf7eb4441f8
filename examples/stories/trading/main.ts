/**
 * The trading desk: a late prediction is never delivered, and "hold" comes at once. Run it: npm run story:trading
 */
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { credentials } from '@grpc/grpc-js';
import { createBreakers, fallbackOf, loadPolicy } from '../../../src/index.ts';
import { ask, type Reply } from '../ask.ts';
import { promise } from '../promise.ts';
import { load } from '../serve.ts';
import { startServer } from '../server-process.ts';
import { count, HEAD, row, type Scene } from './report.ts';

const server = await startServer(new URL('server.ts', import.meta.url));

// What a desk needs: the policy, the breakers, a client with their options.
const breakers = createBreakers(loadPolicy(fileURLToPath(new URL('policy.yaml', import.meta.url))));
const { trading } = load(new URL('trading.proto', import.meta.url));
const client = new trading.Predictions(server.address, credentials.createInsecure(), breakers.clientOptions(server.address));
await promisify(client.waitForReady).call(client, Date.now() + 5_000);

const predict = () => ask<{ action: string }>(client, 'Predict', { symbol: 'ACME', price: 99 });
const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));
const scenes: Scene[] = [];

/** A prediction every 5 ms for half a second, while something happens. */
async function scene(what: string, meanwhile: (call: number) => void = () => {}): Promise<Scene> {
  const calls: Promise<Reply<{ action: string }>>[] = [];
  for (let call = 1; call <= 100; call++) {
    calls.push(predict());
    meanwhile(call);
    await pause(5);
  }
  const counted = count(await Promise.all(calls), 20);
  console.log(row(what, counted));
  scenes.push(counted);
  return counted;
}

/** Something else keeps this process busy: it can read no answer, and no timer fires. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

console.log(HEAD);
await predict(); // The first one loads code.
const well = await scene('all is well');

const blocked = await scene('this process is blocked, 60 ms', (call) => call % 10 === 0 && block(60));
const afterwards = breakers.snapshot()[0];

await server.behave({ thinkMs: 50 });
const slow = await scene('the server takes 50 ms');

await server.behave({ thinkMs: 1 });
for (let inARow = 0; inARow < 50; await pause(5)) inARow = (await predict()).answer === undefined ? 0 : inARow + 1;
const again = await scene('it is quick again');

const frozen = await scene('it hangs (SIGSTOP)', (call) => call === 1 && server.freeze());
await server.kill();
const killed = await scene('it is gone (SIGKILL)');

const { error, metadata } = await predict();
const told = fallbackOf(error);
console.log(`\nfallbackOf(error): ${told?.source}, because the call was ${told?.reason}, by ${told?.breaker}`);
console.log(
  `status ${error?.code}, "${error?.details}"; metadata grpc-breaker-fallback: ${metadata.get('grpc-breaker-fallback').join()}\n`,
);

const total = (of: (counted: Scene) => number) => scenes.reduce((sum, counted) => sum + of(counted), 0);
promise('no prediction older than 20 ms was delivered', total(({ late }) => late) === 0);
promise('each call got a prediction or "hold"', total(({ predictions, holds }) => predictions + holds) === 100 * scenes.length);
promise('a server that is well predicts', well.predictions > 50 && again.predictions > 50);
promise('"hold" comes within 50 ms in the median where the server was asked', slow.askedMs < 50 && frozen.askedMs < 50);
promise(
  '"hold" comes within 5 ms in the median where the breaker refused',
  [slow, frozen, killed].every(({ refusedMs }) => refusedMs < 5),
);
promise('where this process was blocked it held, too', blocked.holds > 0);
promise(
  'which was not held against the server',
  afterwards?.state === 'closed' && afterwards.counts.ignored >= blocked.holds / 2,
);
client.close();
process.exit();
