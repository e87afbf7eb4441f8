import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../../random.ts';
import { FEATURES, features, HISTORY } from '../market/features.ts';
import { type OrderBook, orderBooks } from '../market/order-book.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { fit, type LogisticModel, type Sample } from './logistic.ts';

/** The trained model, as it stands in `imbalance-model.generated.json`. */
export interface TrainedModel extends LogisticModel {
  readonly name: string;
  readonly version: string;
  /** What it says, for people. */
  readonly about: string;
  readonly features: readonly string[];
  /** Measured on ticks after the ones it learned from. */
  readonly evaluation: Evaluation;
}

/** Where `npm run demo:train` writes the model. */
export const MODEL_FILE = fileURLToPath(new URL('imbalance-model.generated.json', import.meta.url));

const SEED = 20_240;
const TICKS = 60_000;
/** How far ahead the model looks. */
const HORIZON = 20;
/** Ticks from one sample to the next: looks ahead must not overlap much, or held-out data would have been half seen. */
const STRIDE = 10;

/** Makes the data, learns from the first 70 % of it and measures on the rest. Always the same result. */
export function train(): TrainedModel {
  const samples = makeSamples();
  const split = Math.floor(samples.length * 0.7);
  const model = rounded(fit(samples.slice(0, split)));
  const { accuracy, auc, baseRate, samples: count } = evaluate(model, samples.slice(split));
  return {
    name: 'imbalance',
    version: '1',
    about: `Logistic regression: the chance that the price stands higher ${HORIZON} ticks from now. Made by npm run demo:train.`,
    features: [...FEATURES],
    ...model,
    evaluation: { samples: count, baseRate: round(baseRate, 4), accuracy: round(accuracy, 4), auc: round(auc, 4) },
  };
}

/** The model as the text of its file. */
export function modelText(model: TrainedModel): string {
  return `${JSON.stringify(model, null, 2)}\n`;
}

function makeSamples(): Sample[] {
  const market = orderBooks(seededRandom(SEED));
  const books = Array.from({ length: TICKS }, () => market.next().value);
  const samples: Sample[] = [];
  for (let tick = HISTORY; tick + HORIZON < books.length; tick += STRIDE) {
    const book = books[tick] as OrderBook;
    const change = (books[tick + HORIZON] as OrderBook).mid - book.mid;
    if (change === 0) continue;
    samples.push({ features: features(book, (books[tick - HISTORY] as OrderBook).mid), label: change > 0 ? 1 : 0 });
  }
  return samples;
}

/** Rounded, so that the last bit of a processor's arithmetic does not show in the file. */
function rounded(model: LogisticModel): LogisticModel {
  const each = (values: readonly number[]): number[] => values.map((value) => round(value, 6));
  return {
    bias: round(model.bias, 6),
    weights: each(model.weights),
    means: each(model.means),
    deviations: each(model.deviations),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

if (import.meta.main) {
  const model = train();
  writeFileSync(MODEL_FILE, modelText(model));
  const { accuracy, auc, baseRate, samples } = model.evaluation;
  console.log(
    `${MODEL_FILE}\non ${samples} held-out samples: accuracy ${accuracy} (always guessing one way: ${baseRate}), AUC ${auc}`,
  );
}
