// A model that paints. Its parent tells it when it has no memory left: { isOutOfMemory }.
import { status } from '@grpc/grpc-js';
import { load, serve } from '../serve.ts';

let isOutOfMemory = false;
process.on('message', (behaviour: { isOutOfMemory: boolean }) => {
  ({ isOutOfMemory } = behaviour);
  process.send?.('ok');
});

const { artwork } = load(new URL('artwork.proto', import.meta.url));
await serve(artwork.Painter.service, {
  // biome-ignore lint/suspicious/noExplicitAny: loaded without generated types.
  Paint: (call: any, done: any) => {
    if (isOutOfMemory) return done({ code: status.INTERNAL, details: 'CUDA out of memory' });
    const png = Buffer.from(`89504e470d0a1a0a${Buffer.from(call.request.prompt).toString('hex')}`, 'hex');
    setTimeout(() => done(null, { title: call.request.prompt, png }), 5);
  },
});
