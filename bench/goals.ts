import type { Metric, Unit } from './harness/metric.ts';

/** What a figure has to be. */
export interface Goal {
  readonly what: string;
  /** The metric that is judged, by its median. */
  readonly metric: string;
  /** Met when the figure is at most this. */
  readonly atMost: number;
}

/** A goal with what was measured. */
export interface GoalResult extends Goal {
  readonly unit: Unit;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly isMet: boolean;
}

/** Every goal. Where a goal could be read in more than one way, the ways stand beside each other. */
export const GOALS: readonly Goal[] = [
  { what: 'core without clock reads, slot form, failureRate', metric: 'core.slot.failureRate', atMost: 60 },
  { what: 'core without clock reads, slot form, consecutiveFailures', metric: 'core.slot.consecutiveFailures', atMost: 60 },
  { what: 'core without clock reads, tryAcquire form, failureRate', metric: 'core.public.failureRate', atMost: 60 },
  {
    what: 'core without clock reads, tryAcquire form, consecutiveFailures',
    metric: 'core.public.consecutiveFailures',
    atMost: 60,
  },
  {
    what: "core with clock reads, slot form, of cockatiel's SamplingBreaker",
    metric: 'core.slot.failureRate.clock / cockatiel.sampling',
    atMost: 0.8,
  },
  {
    what: "core with clock reads, tryAcquire form, of cockatiel's SamplingBreaker",
    metric: 'core.public.failureRate.clock / cockatiel.sampling',
    atMost: 0.8,
  },
  { what: 'core with clock reads, slot form, of opossum', metric: 'core.slot.failureRate.clock / opossum', atMost: 0.4 },
  { what: 'core with clock reads, tryAcquire form, of opossum', metric: 'core.public.failureRate.clock / opossum', atMost: 0.4 },
  {
    what: 'core with clock reads, slot form, of opossum without its timeout',
    metric: 'core.slot.failureRate.clock / opossum.noTimeout',
    atMost: 0.4,
  },
  { what: 'adaptive, of failureRate, slot form', metric: 'core.slot.adaptive / slot.failureRate', atMost: 1.5 },
  { what: 'adaptive, of failureRate, tryAcquire form', metric: 'core.public.adaptive / public.failureRate', atMost: 1.5 },
  { what: 'interceptor over the no-op class, unary', metric: 'interceptor.unary.ours - noop', atMost: 500 },
  {
    what: 'interceptor over the no-op class, unary, with an OpenTelemetry SDK',
    metric: 'interceptor.unary.ours.sdk - noop',
    atMost: 500,
  },
  {
    what: 'interceptor over the no-op class, unary, deadline in the policy',
    metric: 'interceptor.unary.ours.deadline - noop',
    atMost: 500,
  },
  {
    what: 'interceptor over the no-op class, unary, key from the request',
    metric: 'interceptor.unary.ours.requestKey - noop',
    atMost: 500,
  },
  { what: 'interceptor over the no-op class, server stream', metric: 'interceptor.serverStream.ours - noop', atMost: 500 },
  {
    what: 'interceptor over the no-op class, server stream, with an OpenTelemetry SDK',
    metric: 'interceptor.serverStream.ours.sdk - noop',
    atMost: 500,
  },
  {
    what: 'interceptor over the no-op class, server stream, deadline in the policy',
    metric: 'interceptor.serverStream.ours.deadline - noop',
    atMost: 500,
  },
  {
    what: 'interceptor over the no-op class, server stream, key from the request',
    metric: 'interceptor.serverStream.ours.requestKey - noop',
    atMost: 500,
  },
  { what: 'interceptor of a loopback call, one at a time', metric: 'loopback.one.share', atMost: 1 },
  { what: 'allocation in core, failureRate', metric: 'allocation.slot.failureRate', atMost: 0.05 },
  { what: 'allocation in core, consecutiveFailures', metric: 'allocation.slot.consecutiveFailures', atMost: 0.05 },
  // Some numbers each 256 calls, when it learns.
  { what: 'allocation in core, adaptive', metric: 'allocation.slot.adaptive', atMost: 0.25 },
  { what: 'allocation in core, all three conditions', metric: 'allocation.slot.all', atMost: 0.05 },
  { what: '100,000 breakers of a policy, heap and external', metric: 'memory.policy.heap', atMost: 150 },
  { what: '100,000 breakers of a policy, resident', metric: 'memory.policy.rss', atMost: 150 },
  { what: '100,000 bare breakers, heap and external', metric: 'memory.bare.heap', atMost: 150 },
  { what: '100,000 bare breakers, resident', metric: 'memory.bare.rss', atMost: 150 },
  { what: 'flat: one busy of 100,000, beside 1, directly', metric: 'scale.direct.one.100k / 1', atMost: 1.1 },
  { what: 'flat: one busy of 100,000, beside 1, by request key', metric: 'scale.keyed.one.100k / 1', atMost: 1.1 },
  { what: 'flat: 50 busy of 100,000, beside 1, by request key', metric: 'scale.keyed.some.100k / 1', atMost: 1.25 },
  {
    what: "with an SDK, the package's telemetry, of what instrumentation-grpc adds",
    metric: 'telemetry.share.telemetry',
    atMost: 5,
  },
  { what: 'with an SDK, all of the package, of what instrumentation-grpc adds', metric: 'telemetry.share.sdk', atMost: 5 },
  { what: 'a collection of 1,000 breakers, default policy', metric: 'telemetry.collect.default', atMost: 50_000 },
  { what: 'a collection of 1,000 breakers, every kind of series', metric: 'telemetry.collect.all', atMost: 50_000 },
  {
    what: 'fallback of a rejected call, message, one at a time, of the floor',
    metric: 'fallback.one.message / floor.copy',
    atMost: 1.25,
  },
  {
    what: 'fallback of a rejected call, lastGood, one at a time, of the floor',
    metric: 'fallback.one.lastGood / floor.copy',
    atMost: 1.25,
  },
  {
    what: 'fallback of a rejected call, lastGood by [model_name], one at a time, of the floor',
    metric: 'fallback.one.lastGood.fields / floor.copy',
    atMost: 1.25,
  },
  {
    what: 'fallback of a rejected call, message, 50 at a time, of the floor',
    metric: 'fallback.fifty.message / floor.copy',
    atMost: 1.25,
  },
  {
    what: 'fallback of a rejected call, lastGood, 50 at a time, of the floor',
    metric: 'fallback.fifty.lastGood / floor.copy',
    atMost: 1.25,
  },
  {
    what: 'fallback of a rejected call, lastGood by [model_name], 50 at a time, of the floor',
    metric: 'fallback.fifty.lastGood.fields / floor.copy',
    atMost: 1.25,
  },
  // Five times as many a second, by the clock on the wall and by the client's CPU alone.
  {
    what: 'fallback of a rejected call, message, one at a time, time of answered calls',
    metric: 'fallback.one.message / answered.elapsed',
    atMost: 0.2,
  },
  {
    what: 'fallback of a rejected call, message, one at a time, CPU of answered calls',
    metric: 'fallback.one.message / answered',
    atMost: 0.2,
  },
  {
    what: 'fallback of a rejected call, lastGood, one at a time, time of answered calls',
    metric: 'fallback.one.lastGood / answered.elapsed',
    atMost: 0.2,
  },
  {
    what: 'fallback of a rejected call, lastGood, one at a time, CPU of answered calls',
    metric: 'fallback.one.lastGood / answered',
    atMost: 0.2,
  },
  {
    what: 'fallback of a rejected call, message, 50 at a time, time of answered calls',
    metric: 'fallback.fifty.message / answered.elapsed',
    atMost: 0.2,
  },
  {
    what: 'fallback of a rejected call, message, 50 at a time, CPU of answered calls',
    metric: 'fallback.fifty.message / answered',
    atMost: 0.2,
  },
  {
    what: 'fallback of a rejected call, lastGood, 50 at a time, time of answered calls',
    metric: 'fallback.fifty.lastGood / answered.elapsed',
    atMost: 0.2,
  },
  {
    what: 'fallback of a rejected call, lastGood, 50 at a time, CPU of answered calls',
    metric: 'fallback.fifty.lastGood / answered',
    atMost: 0.2,
  },
  { what: '100 watchers of 1,000 breakers, nothing changes state', metric: 'admin.quiet / none', atMost: 1.05 },
  { what: '100 watchers, 50 changes of state a second', metric: 'admin.flipping / none', atMost: 1.15 },
  { what: '100 watchers of all counts', metric: 'admin.counts / none', atMost: 1.15 },
];

/** Judges the goals whose metric was measured. */
export function judgeGoals(metrics: readonly Metric[], goals: readonly Goal[] = GOALS): GoalResult[] {
  const byId = new Map(metrics.map((metric) => [metric.id, metric]));
  return goals.flatMap((goal) => {
    const metric = byId.get(goal.metric);
    if (metric === undefined) return [];
    const { unit, median, low, high } = metric;
    return [{ ...goal, unit, median, low, high, isMet: median <= goal.atMost }];
  });
}

/** The exit code of a run: a missed goal fails it only where goals are enforced. */
export function exitCodeOf(goals: readonly GoalResult[], isEnforced: boolean): 0 | 1 {
  return isEnforced && goals.some(({ isMet }) => !isMet) ? 1 : 0;
}
