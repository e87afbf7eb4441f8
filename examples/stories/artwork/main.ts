/**
 * The gallery: each page has a picture, whatever happens to the model that paints. Run it: npm run story:artwork
 */
import { fileURLToPath } from 'node:url';
import { credentials } from '@grpc/grpc-js';
import { createBreakers, fallbackOf, loadPolicy } from '../../../src/index.ts';
import { ask, type Reply } from '../ask.ts';
import { promise } from '../promise.ts';
import { load } from '../serve.ts';
import { startServer } from '../server-process.ts';

interface Picture {
  readonly title: string;
  readonly png: Buffer;
}

const server = await startServer(new URL('server.ts', import.meta.url));

// What a gallery needs: the policy, the breakers, a client with their options.
const breakers = createBreakers(loadPolicy(fileURLToPath(new URL('policy.yaml', import.meta.url))));
const { artwork } = load(new URL('artwork.proto', import.meta.url));
const client = new artwork.Painter(server.address, credentials.createInsecure(), breakers.clientOptions(server.address));

const paint = () => ask<Picture>(client, 'Paint', { prompt: 'A red bridge' });
const all: Reply<Picture>[] = [];

/** Twenty pages, one after the other. */
async function pages(what: string): Promise<Reply<Picture>[]> {
  const replies: Reply<Picture>[] = [];
  for (let page = 0; page < 20; page++) replies.push(await paint());
  all.push(...replies);
  const titles = new Set(replies.map(({ answer }) => answer?.title));
  const longest = Math.max(...replies.map(({ ms }) => ms));
  const failed = replies.filter(({ error }) => error !== undefined).length;
  const sources = new Set(replies.map(({ answer }) => fallbackOf(answer)?.source ?? 'the model'));
  console.log(
    `${what.padEnd(26)} ${[...titles].join(', ').padEnd(14)} from ${[...sources].join(', ').padEnd(16)} ${failed} errors, longest ${longest.toFixed(1)} ms`,
  );
  return replies;
}

/** Waits until the model paints again, and the breaker lets all calls through. */
async function recovery(): Promise<void> {
  for (let inARow = 0; inARow < 20; ) {
    inARow = fallbackOf((await paint()).answer) === undefined ? inARow + 1 : 0;
    await new Promise((resolve) => void setTimeout(resolve, 10));
  }
}

await recovery(); // The first call connects.
const painted = await pages('all is well');
await server.behave({ isOutOfMemory: true });
const failing = await pages('the model has no memory');
await server.behave({ isOutOfMemory: false });
await recovery();
const again = await pages('it is well again');
server.freeze();
await pages('it hangs (SIGSTOP)');
await server.kill();
const dead = await pages('it is gone (SIGKILL)');

const { answer, metadata } = dead[0] ?? (await paint());
const told = fallbackOf(answer);
console.log(`\nfallbackOf(picture): ${told?.source}, because the call was ${told?.reason}, by ${told?.breaker}`);
console.log(`metadata: ${JSON.stringify(metadata.getMap())}\n`);

const isPng = (picture: Picture | undefined) => picture?.png.toString('latin1', 1, 4) === 'PNG';
promise(
  'each call got a picture, and status OK',
  all.every((reply) => reply.error === undefined && isPng(reply.answer)),
);
promise(
  'the model paints while it is well',
  [...painted, ...again].every((reply) => fallbackOf(reply.answer) === undefined),
);
promise(
  'fallbackOf tells the default picture',
  [...failing, ...dead].every((reply) => fallbackOf(reply.answer)?.source === 'default-picture'),
);
promise('the metadata do, too', metadata.get('grpc-breaker-fallback')[0] === 'default-picture');

// Each call has a picture of its own: who paints on it spoils nobody else's.
answer?.png.fill(0);
promise('no picture is shared between two calls', isPng((await paint()).answer));
client.close();
process.exit();
