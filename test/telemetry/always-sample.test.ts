import { type Context, ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it } from 'vitest';
import { alwaysSampleBreakers } from '../../src/telemetry/always-sample.ts';
import { GlobalSdk } from './harness/global-sdk.ts';
import { P } from './harness/names.ts';
import { Rig } from './harness/rig.ts';

const ask = (sampler: Sampler, name: string, context: Context = ROOT_CONTEXT) =>
  sampler.shouldSample(context, 'ffffffff000000000000000000000001', name, SpanKind.CLIENT, {}, []).decision;

const parent = (traceFlags: TraceFlags) =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId: 'f'.repeat(32), spanId: 'f'.repeat(16), traceFlags });

const broken: Sampler = {
  shouldSample: () => {
    throw new Error('no answer');
  },
  toString: () => 'broken',
};

describe('alwaysSampleBreakers', () => {
  it.each([
    ['AlwaysOff', new AlwaysOffSampler()],
    ['a ratio', new TraceIdRatioBasedSampler(0.01)],
    ['ParentBased', new ParentBasedSampler({ root: new AlwaysOffSampler() })],
    ['one that throws', broken],
  ])('keeps the spans of this package over %s, below a parent that was not sampled too', (_name, sampler) => {
    const wrapped = alwaysSampleBreakers(sampler);
    for (const name of ['transition', 'open']) {
      expect(ask(wrapped, P + name)).toBe(SamplingDecision.RECORD_AND_SAMPLED);
      expect(ask(wrapped, P + name, parent(TraceFlags.NONE))).toBe(SamplingDecision.RECORD_AND_SAMPLED);
    }
  });

  it('hands every other span on as it came, and its answer back', () => {
    const asked: unknown[] = [];
    const answer = { decision: SamplingDecision.RECORD, attributes: { by: 'mine' } };
    class Mine implements Sampler {
      readonly #answer = answer;
      shouldSample(...call: unknown[]) {
        asked.push(call);
        return this.#answer;
      }
      toString(): string {
        return 'Mine';
      }
    }
    const call = [ROOT_CONTEXT, 'a'.repeat(32), 'grpc_breaker.mine', SpanKind.SERVER, { a: 1 }, []] as const;
    const wrapped: Sampler = alwaysSampleBreakers(new Mine());
    expect(wrapped.shouldSample(...(call as never as Parameters<Sampler['shouldSample']>))).toBe(answer);
    expect(asked).toEqual([call]);
    expect(String(wrapped)).toBe('AlwaysSampleBreakers{Mine}');
  });

  it('lets a sampler that throws throw for the spans of others, as without it', () => {
    expect(() => ask(alwaysSampleBreakers(broken), 'call')).toThrow('no answer');
  });

  it('may be the root of ParentBased, or be wrapped twice', () => {
    const root = alwaysSampleBreakers(alwaysSampleBreakers(new AlwaysOffSampler()));
    expect(ask(new ParentBasedSampler({ root }), `${P}transition`)).toBe(SamplingDecision.RECORD_AND_SAMPLED);
    expect(ask(alwaysSampleBreakers(new AlwaysOnSampler()), 'call')).toBe(SamplingDecision.RECORD_AND_SAMPLED);
  });
});

describe('with a NodeSDK that samples 1 %', () => {
  let sdk: GlobalSdk | undefined;
  afterEach(async () => {
    await sdk?.stop();
  });

  it('each of 200 trips is recorded with what follows it, and 1 % of the calls', () => {
    sdk = new GlobalSdk({
      sampler: alwaysSampleBreakers(new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.01) })),
    });
    const rig = new Rig({ telemetry: {} });
    const tracer = trace.getTracer('app');
    for (let trip = 0; trip < 200; trip++) {
      for (let call = 0; call < 3; call++) {
        const span = tracer.startSpan('call', { kind: SpanKind.CLIENT });
        rig.call('failure', { span });
        span.end();
      }
      rig.tryAgain('success', { span: undefined });
    }
    const to = (state: string) => sdk?.spans('transition').filter(({ attributes }) => attributes[`${P}state`] === state);
    expect([to('open')?.length, to('half_open')?.length, to('closed')?.length]).toEqual([200, 200, 200]);
    expect(sdk.spans('open')).toHaveLength(200);
    expect(new Set(to('open')?.map((span) => span.spanContext().traceId)).size).toBe(200);
    const calls = sdk.exporter.getFinishedSpans().filter(({ name }) => name === 'call');
    // 6 of 600 are expected; 30 would be a chance of less than 1 in 10^10.
    expect(calls.length).toBeLessThan(30);
    const linked = to('open')?.flatMap(({ links }) => links.map(({ context }) => context.spanId));
    expect(new Set(linked)).toEqual(new Set(calls.map((span) => span.spanContext().spanId)));
  });
});
