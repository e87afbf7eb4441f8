import { memoryGrowth } from '../harness/memory.ts';
import { type Measurement, measurement } from '../harness/metric.ts';
import type { SuiteContext } from '../harness/suite.ts';
import { breakersToMake, MB } from './memory.ts';

/** Memory of many breakers from `createBreaker`, each of which has seen a few calls. */
export async function suite({ entry, isQuick }: SuiteContext): Promise<Measurement[]> {
  const count = breakersToMake(isQuick);
  const { heap, rss } = await memoryGrowth(async () =>
    Array.from({ length: count }, () => {
      const breaker = entry.createBreaker({ trip: { failureRate: {} } });
      for (let call = 0; call < 3; call++) breaker.tryAcquire()?.success(1);
      breaker.tryAcquire()?.failure(1);
      return breaker;
    }),
  );
  return [
    measurement('memory.bare.heap', `${count} bare breakers, heap and external`, 'MB', [heap / MB]),
    measurement('memory.bare.rss', `${count} bare breakers, resident memory of the process`, 'MB', [rss / MB]),
    measurement('memory.bare.each', 'a bare breaker', 'bytes', [heap / count]),
  ];
}
