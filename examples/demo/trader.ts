import type { InferResponse } from './inference/messages.ts';
import { firstNumber } from './inference/tensors.ts';

/** What the bot does on a tick. */
export type Action = 'buy' | 'sell' | 'hold';

/** A score further than this from one half makes the bot trade on a model that gives no signal of its own. */
const CONVICTION = 0.1;

/** Reads an answer: the model's `signal` (1 buy, -1 sell, 0 hold); where there is none, its first number as a chance of a rise. */
export function actionFor(response: InferResponse): Action {
  const signal = firstNumber(response, 'signal');
  const lean = signal ?? (firstNumber(response) ?? 0.5) - 0.5;
  if (signal === 0 || !(Math.abs(lean) > CONVICTION)) return 'hold';
  return lean > 0 ? 'buy' : 'sell';
}
