import { type Measurement, measurement } from '../../harness/metric.ts';
import { type PairedResult, pairedRounds } from '../../harness/paired.ts';
import type { SuiteContext } from '../../harness/suite.ts';
import { aroundAction } from './around-action.ts';
import { withClock } from './with-clock.ts';
import { withoutClock } from './without-clock.ts';

const COSTS: Readonly<Record<string, string>> = {
  'slot.failureRate': 'slot form, failureRate, time given',
  'slot.consecutiveFailures': 'slot form, consecutiveFailures, time given',
  'slot.adaptive': 'slot form, adaptive, time given',
  'public.failureRate': 'tryAcquire form, failureRate, clock for free',
  'public.consecutiveFailures': 'tryAcquire form, consecutiveFailures, clock for free',
  'public.adaptive': 'tryAcquire form, adaptive, clock for free',
  clock: 'one look at the system clock',
  'slot.failureRate.clock': 'slot form, failureRate, two looks at the clock (as the interceptor)',
  'public.failureRate.clock': 'tryAcquire form, failureRate, one look at the clock (its own)',
  'public.failureRate.timed': 'tryAcquire form, failureRate, three looks (caller takes the time)',
  action: 'the asynchronous action alone',
  'action.ours': 'ours around the action, failureRate',
  'action.ours.timed': 'ours around the action, failureRate, caller takes the time',
  'cockatiel.sampling': 'cockatiel execute, SamplingBreaker',
  'cockatiel.consecutive': 'cockatiel execute, ConsecutiveBreaker',
  opossum: 'opossum fire, as it comes',
  'opossum.noTimeout': 'opossum fire, without its timer for each call',
};

const PEERS = ['cockatiel.sampling', 'opossum', 'opossum.noTimeout'];
const OURS = [
  'slot.failureRate.clock',
  'public.failureRate.clock',
  'public.failureRate.timed',
  'action.ours',
  'action.ours.timed',
];

/** The core breaker alone, without and with reading the clock; the peers' whole calls; and ours around the same action as theirs. */
export async function suite({ entry, rounds }: SuiteContext): Promise<Measurement[]> {
  const result = await pairedRounds([...withoutClock(entry), ...withClock(entry), ...aroundAction(entry)], rounds);
  const costs = Object.entries(COSTS).map(([name, what]) => measurement(`core.${name}`, what, 'ns', result.cost(name)));
  const adaptive = [ratio(result, 'slot.adaptive', 'slot.failureRate'), ratio(result, 'public.adaptive', 'public.failureRate')];
  return [...costs, ...adaptive, ...PEERS.flatMap((peer) => OURS.map((ours) => ratio(result, ours, peer)))];
}

function ratio(result: PairedResult, ours: string, peer: string): Measurement {
  return measurement(`core.${ours} / ${peer}`, `${ours} / ${peer}`, 'ratio', result.ratio(ours, peer));
}
