// The model server of the trading desk. Its parent tells it how long to think: { thinkMs }.
import { load, serve } from '../serve.ts';

let thinkMs = 1;
process.on('message', (behaviour: { thinkMs: number }) => {
  ({ thinkMs } = behaviour);
  process.send?.('ok');
});

const { trading } = load(new URL('trading.proto', import.meta.url));
await serve(trading.Predictions.service, {
  // biome-ignore lint/suspicious/noExplicitAny: loaded without generated types.
  Predict: (call: any, done: any) => {
    const action = call.request.price < 100 ? 'BUY' : 'SELL';
    setTimeout(() => done(null, { action, probability: 0.9 }), thinkMs);
  },
});
