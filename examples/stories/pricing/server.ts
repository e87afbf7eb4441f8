// The pricing model of a shop. Its parent tells it when there is a flash sale: { isOverloaded }.
import { status } from '@grpc/grpc-js';
import { load, serve } from '../serve.ts';

let isOverloaded = false;
process.on('message', (behaviour: { isOverloaded: boolean }) => {
  ({ isOverloaded } = behaviour);
  process.send?.('ok');
});

const { shop } = load(new URL('pricing.proto', import.meta.url));
await serve(shop.Pricing.service, {
  // biome-ignore lint/suspicious/noExplicitAny: loaded without generated types.
  GetPrice: (call: any, done: any) => {
    if (isOverloaded) return done({ code: status.RESOURCE_EXHAUSTED, details: 'too many requests in the queue' });
    const { product_id, quantity } = call.request;
    const customer = String(call.metadata.get('authorization')[0]);
    const discount = customer === 'Bearer alice' ? 0.9 : 1;
    done(null, { product_id, amount: 10 * quantity * discount, customer, computed_at: Date.now() });
  },
});
