import type { Interceptor } from '@grpc/grpc-js';
import type { BareBreakerOptions, Outcome } from '../../src/index.ts';
import { HandDriven } from '../grpc/hand-driven.ts';
import { noopInterceptor } from '../grpc/noop-call.ts';
import { bytesPerCall } from '../harness/allocation.ts';
import { type Measurement, measurement } from '../harness/metric.ts';
import type { PackageEntry, SuiteContext } from '../harness/suite.ts';
import { emptySlot, OUTCOMES, refused, STEP_MS, settlePermit } from './core/calls.ts';

const CONDITIONS = {
  failureRate: { failureRate: {} },
  consecutiveFailures: { consecutiveFailures: 5 },
  adaptive: { adaptive: {} },
  all: { consecutiveFailures: 5, failureRate: { window: { calls: 100 } }, slowCallRate: { slowerThan: '25ms' } },
} as const satisfies Record<string, BareBreakerOptions['trip']>;

type ConditionName = keyof typeof CONDITIONS;

/**
 * Times as a clock has handed them out: numbers that exist on the heap already. The last element keeps V8 from storing them unboxed.
 * A fraction that is computed for the call and passed to a function that is not inlined costs a box of 16 bytes, whatever the function does.
 */
const TIMES: readonly unknown[] = [...Array.from({ length: 64 }, (_, call) => 0.5 + call), 'not a number'];

/** A loop to measure; none of it waits for anything. */
interface Loop {
  readonly what: string;
  readonly run: (calls: number) => void;
}

/** Bytes that a call allocates: in core, and in the interceptor beside the no-op class. */
export async function suite({ entry, isQuick }: SuiteContext): Promise<Measurement[]> {
  const calls = isQuick ? 100_000 : 1_000_000;
  const noop = driven('unary call by hand, no-op class', noopInterceptor);
  const ours = driven(
    'unary call by hand, ours',
    entry.createBreakers({ methods: [{ trip: CONDITIONS.failureRate }] }).interceptor('stub'),
  );
  const subjects: Record<string, Loop> = {
    'control.0': { what: 'control: a loop that allocates nothing', run: storeUnboxed },
    'control.16': { what: 'control: a loop that boxes a number a call, 16 bytes', run: storeBoxed },
    ...byCondition('slot', (condition) => slotted(entry, condition)),
    ...byCondition('slot.freshTime', (condition) => slottedWithFreshTime(entry, condition)),
    'public.failureRate': published(entry),
    'interceptor.noop': noop,
    'interceptor.ours': ours,
  };
  // All of them get hot before any is measured: the compiler sees every kind of breaker, as in a process that uses them all.
  for (const { run } of Object.values(subjects)) run(calls);
  const samples = new Map<string, number[]>(Object.keys(subjects).map((id) => [id, []]));
  for (let round = 0; round < (isQuick ? 2 : 5); round++) {
    for (const [id, { run }] of Object.entries(subjects)) samples.get(id)?.push(bytesPerCall(run, calls));
  }
  const own = samples.get('interceptor.ours') ?? [];
  const least = samples.get('interceptor.noop') ?? [];
  return [
    ...Object.entries(subjects).map(([id, { what }]) => measurement(`allocation.${id}`, what, 'bytes', samples.get(id) ?? [])),
    measurement(
      'allocation.interceptor.ours - noop',
      'ours over the no-op class',
      'bytes',
      own.map((bytes, round) => bytes - (least[round] ?? 0)),
    ),
  ];
}

function byCondition(id: string, create: (condition: ConditionName) => Loop): Record<string, Loop> {
  return Object.fromEntries(
    (Object.keys(CONDITIONS) as ConditionName[]).map((condition) => [`${id}.${condition}`, create(condition)]),
  );
}

const numbers = new Float64Array(1);
const boxes: unknown[] = ['not a number'];

function storeUnboxed(calls: number): void {
  for (let call = 0; call < calls; call++) numbers[0] = call + 0.5;
}

function storeBoxed(calls: number): void {
  for (let call = 0; call < calls; call++) boxes[0] = call + 0.5;
}

function slotted(entry: PackageEntry, condition: ConditionName): Loop {
  const breaker = entry.createBreaker({ trip: CONDITIONS[condition] });
  const slot = emptySlot(entry);
  return {
    what: `core, slot form, ${condition}`,
    run(calls) {
      for (let call = 0; call < calls; call++) {
        const now = TIMES[call & 63] as number;
        if (!breaker.acquire(slot, now, Infinity)) refused();
        breaker.settle(slot, OUTCOMES[call & 63] as Outcome, 1.5, now);
      }
    },
  };
}

function slottedWithFreshTime(entry: PackageEntry, condition: ConditionName): Loop {
  const breaker = entry.createBreaker({ trip: CONDITIONS[condition] });
  const slot = emptySlot(entry);
  let now = 0.5;
  return {
    what: `core, slot form, ${condition}, the time computed for each call`,
    run(calls) {
      for (let call = 0; call < calls; call++) {
        now += STEP_MS;
        if (!breaker.acquire(slot, now, Infinity)) refused();
        breaker.settle(slot, OUTCOMES[call & 63] as Outcome, 1.5, now);
      }
    },
  };
}

function published(entry: PackageEntry): Loop {
  const breaker = entry.createBreaker({ trip: CONDITIONS.failureRate });
  return {
    what: 'core, tryAcquire form, failureRate, its permit',
    run(calls) {
      for (let call = 0; call < calls; call++)
        settlePermit(breaker.tryAcquire() ?? refused(), OUTCOMES[call & 63] as Outcome, 1.5);
    },
  };
}

function driven(what: string, interceptor: Interceptor): Loop {
  const hand = new HandDriven(interceptor);
  const request = {};
  return {
    what,
    run(calls) {
      for (let call = 0; call < calls; call++) hand.call(request);
    },
  };
}
