import { SPANS } from './names.ts';

/** `RECORD_AND_SAMPLED`, which every version of the SDK numbers alike. */
const RECORD_AND_SAMPLED = 2;

const OWN_SPANS: ReadonlySet<string> = new Set(Object.values(SPANS));

/** An OpenTelemetry sampler, by its shape: of whichever version of the SDK, or of one's own. */
export interface SamplerLike<Context, Rest extends unknown[], Result extends { readonly decision: number }> {
  /** Decides whether a span is recorded. */
  shouldSample(context: Context, traceId: string, spanName: string, ...rest: Rest): Result;
  /** What it is, in a line. */
  toString(): string;
}

/**
 * A sampler that keeps every span of this package, and hands all others to yours. A trip is the root of a trace of its own: head sampling at
 * 1 % would lose 99 of 100. Yours is not asked about the package's spans: it may say what it likes there, or throw.
 * @param sampler - yours, such as `new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.01) })`
 */
export function alwaysSampleBreakers<Context, Rest extends unknown[], Result extends { readonly decision: number }>(
  sampler: SamplerLike<Context, Rest, Result>,
): SamplerLike<Context, Rest, Result> {
  return {
    shouldSample: (context, traceId, spanName, ...rest) =>
      OWN_SPANS.has(spanName)
        ? ({ decision: RECORD_AND_SAMPLED } as Result)
        : sampler.shouldSample(context, traceId, spanName, ...rest),
    toString: () => `AlwaysSampleBreakers{${String(sampler)}}`,
  };
}
