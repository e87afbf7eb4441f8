import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { CAUSES, HORIZON_US, REASONS, VERSION } from '../../src/recording/format.ts';
import { Heap } from '../../src/recording/heap.ts';
import { seededRandom } from '../../src/recording/random.ts';

/** What a recorded day is like. */
export interface Day {
  readonly file: string;
  /** @default 17,280,000: a day at 200 a second */
  readonly calls?: number;
  /** @default 200 */
  readonly perSecond?: number;
  readonly seed?: number;
}

const MODELS = ['fraud', 'ranking', 'prices', 'embeddings'];

/** An outage in each hour, of these kinds in turn, and so many minutes long. */
const OUTAGES = ['errors', 'slow', 'hang', 'flaky'] as const;
const OUTAGE_MINUTES = 2;

interface Ended {
  readonly endUs: number;
  readonly line: string;
}

/** Writes a recording as one that observes would have: every call is let through, and its end is known. */
export async function generateDay({ file, calls = 17_280_000, perSecond = 200, seed = 1 }: Day): Promise<void> {
  const random = seededRandom(seed);
  const out = createWriteStream(file);
  const header = { grpcBreakerCalls: VERSION, run: 'generated', part: 0, began: 1_795_046_400_000, horizon: HORIZON_US };
  const key = ['target', 'method', 'request.model_name'];
  const lines = [
    JSON.stringify({ ...header, causes: CAUSES, reasons: REASONS }),
    JSON.stringify({ policy: 0, path: 'methods[0]', key, breaker: { mode: 'observe' } }),
    ...MODELS.map((model, breaker) => {
      const method = 'inference.GRPCInferenceService/ModelInfer';
      const target = 'models:8081';
      const own = `${target}/${method}[${model}]`;
      return JSON.stringify({ breaker, name: own, target, method, key: own, policy: 0, deadline: 900_000 });
    }),
  ];
  let text = `${lines.join('\n')}\n`;
  // Calls stand in the order of their ends.
  const pending = new Heap<Ended>((one, other) => one.endUs < other.endUs);
  const usUntilNext = 2_000_000 / perSecond;
  let atUs = 0;
  for (let n = 0; n < calls; n++) {
    atUs += Math.round(usUntilNext * random());
    for (let first = pending.first; first !== undefined && first.endUs <= atUs; first = pending.first) {
      text += first.line;
      pending.pop();
    }
    if (text.length > 1_000_000) {
      if (!out.write(text)) await once(out, 'drain');
      text = '';
    }
    const breaker = Math.floor(MODELS.length * random() ** 2);
    const [tookUs, code] = fateOf(atUs, breaker, random);
    pending.push({ endUs: atUs + tookUs, line: `[${breaker},${atUs},${tookUs},${code},${code === 0 ? 0 : 1}]\n` });
  }
  for (let last = pending.pop(); last !== undefined; last = pending.pop()) text += last.line;
  out.end(text);
  await once(out, 'close');
}

function fateOf(atUs: number, breaker: number, random: () => number): readonly [tookUs: number, code: number] {
  const usual = Math.round(4_000 + 12_000 * random() + (random() < 0.01 ? 60_000 * random() : 0));
  const minute = Math.floor(atUs / 60_000_000);
  const hour = Math.floor(minute / 60);
  // Not all models at once.
  const isSick = minute % 60 >= 20 && minute % 60 < 20 + OUTAGE_MINUTES && (hour + breaker) % 2 === 0;
  if (!isSick) return [usual, random() < 0.001 ? 14 : 0];
  const kind = OUTAGES[hour % OUTAGES.length] ?? 'flaky';
  switch (kind) {
    case 'errors':
      return [usual, random() < 0.9 ? 13 : 0];
    case 'slow':
      return [Math.min(900_000, usual * 20), usual * 20 >= 900_000 ? 4 : 0];
    case 'hang':
      return [900_000, 4];
    case 'flaky':
      return [usual, random() < 0.3 ? 14 : 0];
  }
}
