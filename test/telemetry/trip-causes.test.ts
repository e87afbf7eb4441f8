import { describe, expect, it } from 'vitest';
import { TripEvidence } from '../../src/telemetry/trip-evidence.ts';
import { P } from './harness/names.ts';
import { Rig } from './harness/rig.ts';

// Which calls a trip is linked to, and whose span tells of it, where it was by slowness or by trials that were judged together.

const SLOW = { slowCallRate: { slowerThan: '25ms', threshold: '1%', window: '10s', minCalls: 3 } } as const;
const ADAPTIVE = { adaptive: { blip: 0, warmUp: 200 } } as const;

interface Spanned {
  spanContext(): { spanId: string };
}

const ids = (spans: readonly (Spanned | undefined)[]) => spans.map((span) => span?.spanContext().spanId);

function links(rig: Rig, at = -1): (string | undefined)[] | undefined {
  return rig
    .spans('transition')
    .at(at)
    ?.links.map(({ context }) => context.spanId);
}

/** A call that is found slow while under way, after 30 ms. */
function slowUnderWay(rig: Rig, span = rig.clientSpan()) {
  const permit = rig.begin();
  const watch = (ageMs: number) => {
    rig.telemetry.callSlow(span, rig.entry(), permit.permitSlow !== 0);
    rig.entry().breaker.watch(permit, ageMs, rig.clock.now());
  };
  const end = () => rig.end(permit, 'failure', { code: 4, durationMs: 40, span });
  watch(30);
  return { span, watch, end };
}

/** A breaker that has learned what is usual, 10 ms without failures, and has then tripped. */
function learnedAndTripped(trials = 3): Rig {
  const rig = new Rig({ policy: { trip: ADAPTIVE, trials, openFor: '1s' } });
  for (let call = 0; call < 1_000; call++) {
    rig.call('success', { span: undefined, durationMs: 10 });
    rig.clock.advance(5);
  }
  while (rig.entry().breaker.state === 'closed') rig.call('failure');
  rig.clock.advance(100_000);
  return rig;
}

describe('a trip by slowness', () => {
  it('links a call that was found slow under way and has ended since once, and does not forget earlier ones for it', () => {
    const rig = new Rig({ policy: { trip: SLOW } });
    const first = slowUnderWay(rig);
    first.end();
    const second = slowUnderWay(rig);
    second.end();
    const third = slowUnderWay(rig);
    third.end();
    expect(rig.spans('transition')[0]?.attributes).toMatchObject({ [`${P}verdict.slow`]: 3 });
    expect(links(rig)).toEqual(ids([first.span, second.span, third.span]));
  });

  it('counts slow calls that share the span of their caller each', () => {
    const rig = new Rig({ policy: { trip: SLOW } });
    const shared = rig.clientSpan();
    const calls = [slowUnderWay(rig, shared), slowUnderWay(rig, shared)];
    for (const call of calls) call.end();
    const last = rig.call('success', { durationMs: 26 });
    expect(links(rig)).toEqual(ids([shared, last]));
  });

  it('counts a call once, however often it is told of', () => {
    const rig = new Rig({ policy: { trip: SLOW } });
    const [first, second] = [slowUnderWay(rig), slowUnderWay(rig)];
    for (const ageMs of [35, 40, 45]) second.watch(ageMs);
    const third = slowUnderWay(rig);
    expect(links(rig)).toEqual(ids([first.span, second.span, third.span]));
  });

  it('links to no call that has left the window, where a span stands for several', () => {
    const slowCallRate = { slowerThan: '25ms', threshold: '100%', window: { calls: 3 }, minCalls: 3 } as const;
    const rig = new Rig({ policy: { trip: { slowCallRate } } });
    const shared = rig.clientSpan();
    rig.call('success', { durationMs: 26 });
    rig.call('success');
    slowUnderWay(rig, shared).end();
    rig.call('success', { durationMs: 26, span: shared });
    const last = rig.call('success', { durationMs: 26 });
    expect(links(rig)).toEqual(ids([shared, last]));
  });

  it('tells it on the span of the call that was found slow, which is still under way', () => {
    const rig = new Rig({ policy: { trip: { slowCallRate: { ...SLOW.slowCallRate, minCalls: 1 } } } });
    const { span } = slowUnderWay(rig);
    expect(rig.entry().breaker.state).toBe('open');
    span.end();
    expect(rig.exported(span).attributes).toEqual({ [`${P}name`]: 'a', [`${P}state`]: 'open' });
    expect(rig.exported(span).links).toEqual([{ context: rig.spans('transition')[0]?.spanContext() }]);
  });

  it('takes the limit of latencySlo', () => {
    const rig = new Rig({ policy: { trip: { latencySlo: { limit: '25ms', window: { calls: 100 } } } } });
    rig.calls(20, 'success');
    const slow: (Spanned | undefined)[] = [];
    while (rig.entry().breaker.state === 'closed') slow.push(rig.call('success', { durationMs: 26 }));
    const [trip] = rig.spans('transition');
    expect(links(rig)).toEqual(ids(slow));
    expect(trip?.attributes).toMatchObject({
      [`${P}reason`]: 'latency_slo',
      [`${P}verdict.slow`]: slow.length,
      [`${P}verdict.limit`]: 0.025,
      [`${P}verdict.evidence.codes`]: [],
      'error.type': 'latency_slo',
    });
    expect(trip?.attributes[`${P}verdict.latency`]).toBeGreaterThan(0.025);
    expect(rig.exported(slow.at(-1) as never).links).toHaveLength(1);
  });

  it('by a call that had been slow before blames that one, and no other', () => {
    const rig = new Rig({ policy: { trip: { adaptive: { blip: '100ms', warmUp: 200 } } } });
    for (let call = 0; call < 1_000; call++) {
      rig.call('success', { span: undefined, durationMs: 10 });
      rig.clock.advance(5);
    }
    const calls = Array.from({ length: 40 }, () => slowUnderWay(rig));
    expect(rig.entry().breaker.state, 'a burst may be over soon').toBe('closed');
    rig.clock.advance(200);
    const blamed = calls.find(({ watch }) => {
      watch(230);
      return rig.entry().breaker.state === 'open';
    });
    expect(rig.spans('transition')[0]?.attributes).toMatchObject({ [`${P}verdict.of`]: 'slowness' });
    for (const { span } of calls) span.end();
    const told = calls.filter(({ span }) => rig.exported(span).links.length > 0);
    expect(told).toEqual([blamed]);
  });
});

describe('a trip by trials that were judged together', () => {
  it('links to those that failed, and tells it on the last one', () => {
    const rig = learnedAndTripped();
    rig.call('success');
    const failed: (Spanned | undefined)[] = [];
    do failed.push(rig.call('failure', { code: 4 }));
    while (rig.entry().breaker.state === 'halfOpen');
    expect(rig.spans('transition').at(-1)?.attributes).toMatchObject({
      [`${P}reason`]: 'trials_failed',
      [`${P}verdict.trials`]: failed.length + 1,
      [`${P}verdict.failures`]: failed.length,
      'error.type': 'DEADLINE_EXCEEDED',
    });
    expect(links(rig)).toEqual(ids(failed));
    expect(rig.exported(failed.at(-1) as never).links).toHaveLength(1);
  });

  it('links once to one that was slow and failed', () => {
    const evidence = new TripEvidence();
    const rig = new Rig();
    const [slow, both, failed] = [rig.clientSpan(), rig.clientSpan(), rig.clientSpan()];
    evidence.addSlow(slow);
    evidence.addFailed(both, 4);
    evidence.addSlow(both);
    evidence.addFailed(failed, 14);
    const verdict = { reason: 'trialsFailed', trials: 3, failures: 2, slow: 2, slowerThanMs: 25 } as const;
    expect(evidence.causes(verdict).map(({ spanId }) => spanId)).toEqual(ids([slow, both, failed]));
    expect(evidence.errorType(verdict)).toBe('UNAVAILABLE');
    expect(evidence.errorType({ ...verdict, failures: 0 })).toBe('trials_failed');
  });

  it('by slowness alone has the reason as its error', () => {
    const rig = learnedAndTripped();
    const trials: (Spanned | undefined)[] = [];
    do trials.push(rig.call('success', { durationMs: 100 }));
    while (rig.entry().breaker.state === 'halfOpen');
    expect(rig.spans('transition').at(-1)?.attributes).toMatchObject({
      [`${P}reason`]: 'trials_failed',
      [`${P}verdict.slow`]: trials.length,
      [`${P}verdict.failures`]: 0,
      'error.type': 'trials_failed',
    });
    expect(links(rig)).toEqual(ids(trials));
  });
});

describe('a trip while traffic comes back', () => {
  it('links to the failures since it closed', () => {
    const rig = new Rig({ policy: { trip: { consecutiveFailures: 50 }, rampUp: '5s', openFor: '5s' } });
    rig.entry().breaker.trip('maintenance');
    rig.tryAgain('success');
    const failed: (Spanned | undefined)[] = [];
    for (let call = 0; call < 200 && rig.entry().breaker.state === 'closed'; call++) {
      const before = rig.entry().breaker.snapshot().counts.failure;
      const span = rig.call('failure');
      if (rig.entry().breaker.snapshot().counts.failure > before) failed.push(span);
      rig.clock.advance(20);
    }
    expect(rig.spans('transition').at(-1)?.attributes).toMatchObject({
      [`${P}reason`]: 'ramp_failed',
      [`${P}verdict.failures`]: failed.length,
      'error.type': 'UNAVAILABLE',
    });
    expect(links(rig)).toEqual(ids(failed));
    expect(rig.exported(failed.at(-1) as never).links).toHaveLength(1);
  });
});

describe('a trip by a signal', () => {
  it('names it, and no call', () => {
    const rig = new Rig();
    rig.calls(2, 'failure');
    rig.entry().breaker.tripBySignal({ signal: 'gpuHot', message: '92 over 90', value: 92, threshold: 90 });
    expect(rig.spans('transition')[0]).toMatchObject({
      links: [],
      attributes: {
        [`${P}reason`]: 'signal',
        [`${P}verdict.signal`]: 'gpuHot',
        [`${P}verdict.value`]: 92,
        [`${P}verdict.threshold`]: 90,
        [`${P}verdict.evidence.bad`]: 2,
        'error.type': 'signal',
      },
    });
  });
});
