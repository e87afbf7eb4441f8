import { HandDriven, microtask } from '../grpc/hand-driven.ts';
import { memoryGrowth } from '../harness/memory.ts';
import { type Measurement, measurement } from '../harness/metric.ts';
import type { SuiteContext } from '../harness/suite.ts';

/** Bytes of a megabyte. */
export const MB = 1e6;

/** How many breakers to make. */
export function breakersToMake(isQuick: boolean): number {
  return isQuick ? 1_000 : 100_000;
}

/** Memory of many breakers of one policy, a model each, made and used through the interceptor: with their names and places in the registry. */
export async function suite({ entry, isQuick }: SuiteContext): Promise<Measurement[]> {
  const count = breakersToMake(isQuick);
  const { heap, rss } = await memoryGrowth(async () => {
    const method = { key: ['target', 'method', 'request.model_name'], trip: { failureRate: {} } } as const;
    const breakers = entry.createBreakers({ maxBreakers: count + 2, methods: [method] });
    const hand = new HandDriven(breakers.interceptor('127.0.0.1:8081'));
    for (let call = 0; call < 4; call++) {
      for (let model = 0; model < count; model++) {
        hand.call({ model_name: `model-${model}` });
        await microtask;
      }
    }
    if (breakers.list().length !== count) throw new Error(`${breakers.list().length} breakers instead of ${count}`);
    return breakers;
  });
  return [
    measurement('memory.policy.heap', `${count} breakers of a policy, heap and external`, 'MB', [heap / MB]),
    measurement('memory.policy.rss', `${count} breakers of a policy, resident memory of the process`, 'MB', [rss / MB]),
    measurement('memory.policy.each', 'a breaker of a policy', 'bytes', [heap / count]),
  ];
}
