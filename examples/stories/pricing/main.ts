/**
 * The shop: a flash sale overloads the pricing model. Customers see their last price for 2 s, then "price unavailable". Run it: npm run story:pricing
 */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { credentials, Metadata } from '@grpc/grpc-js';
import { createBreakers, fallbackOf, loadPolicy } from '../../../src/index.ts';
import { ask, type Reply } from '../ask.ts';
import { promise } from '../promise.ts';
import { load } from '../serve.ts';
import { startServer } from '../server-process.ts';

interface Price {
  readonly product_id: string;
  readonly amount: number;
  readonly customer: string;
  readonly computed_at: number;
  readonly unavailable: boolean;
}

const server = await startServer(new URL('server.ts', import.meta.url));

// What a shop needs: the policy, the breakers, a client with their options.
const breakers = createBreakers(loadPolicy(fileURLToPath(new URL('policy.yaml', import.meta.url))));
const { shop } = load(new URL('pricing.proto', import.meta.url));
const client = new shop.Pricing(server.address, credentials.createInsecure(), breakers.clientOptions(server.address));

const kinds = { current: 0, cached: 0, unavailable: 0 };
const errors: Error[] = [];
let oldestMs = 0;
let isMixedUp = false;

/** Asks for a price as a customer, and looks at what came. */
async function priceFor(customer: string, product_id = 'shoe'): Promise<Reply<Price> & { readonly kind: string | undefined }> {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${customer}`);
  const reply = await ask<Price>(client, 'GetPrice', { request_id: randomUUID(), product_id, quantity: 2 }, metadata);
  const { answer, error } = reply;
  if (error !== undefined) errors.push(error);
  if (answer === undefined) return { ...reply, kind: undefined };
  const kind = (fallbackOf(answer)?.source ?? 'current') as keyof typeof kinds;
  kinds[kind]++;
  if (!answer.unavailable) {
    oldestMs = Math.max(oldestMs, Date.now() - answer.computed_at);
    isMixedUp ||= answer.customer !== `Bearer ${customer}` || answer.product_id !== product_id;
  }
  return { ...reply, kind };
}

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

/** What a customer sees on the page. */
function page({ answer, metadata }: Reply<Price>): string {
  const from = fallbackOf(answer);
  const shown = answer?.unavailable === true ? 'price unavailable' : `${answer?.amount.toFixed(2)} for ${answer?.customer}`;
  if (from === undefined) return shown;
  const told = `${from.source}, because the call was ${from.reason}${from.ageMs === undefined ? '' : `; ${from.ageMs.toFixed(1)} ms old`}`;
  const entries = Object.entries(metadata.getMap()).map(([key, value]) => `${key}: ${String(value)}`);
  return `${shown}\n           fallbackOf(price): ${told}\n           metadata: ${entries.join(', ')}`;
}

for (const customer of ['alice', 'bob']) {
  let reply = await priceFor(customer);
  // The first call connects, which may take longer than its deadline.
  while (reply.kind !== 'current') reply = await priceFor(customer);
  console.log(`         ${customer}: ${page(reply)}`);
}
await server.behave({ isOverloaded: true });
console.log('         the flash sale begins');
const startedMs = performance.now();
const seen: string[] = [];
let last: string | undefined;
while (performance.now() - startedMs < 3_000) {
  const [alice] = await Promise.all([priceFor('alice'), priceFor('bob')]);
  if (alice.kind !== last) {
    last = alice.kind;
    seen.push(String(last));
    console.log(`${(performance.now() - startedMs).toFixed(0).padStart(4)} ms  alice: ${page(alice)}`);
    // A customer who has asked for nothing yet.
    console.log('         carol:', page(await priceFor('carol')));
  }
  await pause(10);
}
const carol = await priceFor('carol');
const other = await priceFor('alice', 'hat');
await server.behave({ isOverloaded: false });
console.log('         the flash sale is over');
for (let tries = 0; tries < 500 && last !== 'current'; tries++) {
  await pause(10);
  last = (await priceFor('alice')).kind;
}
console.log(`         alice: ${page(await priceFor('alice'))}\n`);
console.log(`${kinds.current} current prices, ${kinds.cached} cached ones, ${kinds.unavailable} times "price unavailable"`);
console.log(`the oldest price on a page was ${oldestMs} ms old\n`);

promise('a cached price at first, then "price unavailable"', seen.join() === 'cached,unavailable');
promise('no price older than 2 s', oldestMs <= 2_000 && oldestMs > 1_000);
promise("nobody saw another customer's price, or another product's", !isMixedUp);
promise('who has no price of their own gets none', carol.kind === 'unavailable' && other.kind === 'unavailable');
promise('no call failed', errors.length === 0);
promise('afterwards prices are current', last === 'current');
client.close();
process.exit();
