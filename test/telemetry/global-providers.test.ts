import { metrics, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it } from 'vitest';
import { GlobalSdk } from './harness/global-sdk.ts';
import { P } from './harness/names.ts';
import { Rig } from './harness/rig.ts';

let sdk: GlobalSdk | undefined;
afterEach(async () => {
  await sdk?.stop();
  sdk = undefined;
});

describe('an SDK that is registered after the package was set up', () => {
  it('gets the spans of everything from then on', () => {
    const rig = new Rig({ telemetry: {} });
    rig.calls(2, 'failure');
    sdk = new GlobalSdk();
    rig.call('failure');
    rig.tryAgain('success');
    expect(sdk.spans('transition').map(({ attributes }) => attributes[`${P}state`])).toEqual(['open', 'half_open', 'closed']);
    expect(sdk.spans('open')).toHaveLength(1);
  });

  it('gets the metrics with all that was counted before', async () => {
    const rig = new Rig({ telemetry: {} });
    rig.call('success');
    rig.trip();
    sdk = new GlobalSdk();
    rig.call('success');
    expect(await sdk.reader.series('calls')).toEqual([
      'a outcome=failure: 3',
      'a outcome=ignored: 0',
      'a outcome=rejected: 1',
      'a outcome=success: 1',
    ]);
    expect(await sdk.reader.series('transitions')).toContain('a previous_state=closed reason=consecutive_failures state=open: 1');
    rig.tryAgain('success');
    expect(await sdk.reader.series('open.duration')).toEqual(['a: 1']);
  });

  it('gets the rest of an outage as one trace, when it comes in the middle of one', () => {
    const rig = new Rig({ telemetry: {} });
    rig.trip();
    sdk = new GlobalSdk();
    rig.tryAgain('failure');
    rig.tryAgain('success');
    const [first, ...later] = sdk.spans('transition');
    expect([first, ...later].map((span) => span?.attributes[`${P}state`])).toEqual(['half_open', 'open', 'half_open', 'closed']);
    expect(first?.parentSpanContext).toBeUndefined();
    for (const span of [...later, ...sdk.spans('open')]) expect(span.parentSpanContext?.spanId).toBe(first?.spanContext().spanId);
  });

  it('gets the counts also where no call came since, before everything ends', async () => {
    const rig = new Rig({ telemetry: {} });
    rig.trip();
    sdk = new GlobalSdk();
    rig.telemetry.dispose();
    expect(await sdk.reader.series('calls')).toContain('a outcome=failure: 3');
    expect(await sdk.reader.series('status')).toEqual(['a state=closed: 0', 'a state=half_open: 0', 'a state=open: 0']);
  });

  it('may be another one than before', async () => {
    sdk = new GlobalSdk();
    const rig = new Rig({ telemetry: {} });
    rig.call('success');
    expect(await sdk.reader.series('calls')).toContain('a outcome=success: 1');
    await sdk.stop();
    sdk = new GlobalSdk();
    rig.trip();
    expect(await sdk.reader.series('calls')).toContain('a outcome=failure: 3');
    expect(sdk.spans('transition')).toHaveLength(1);
  });
});

describe('without an SDK', () => {
  it('everything works, and nothing is said', () => {
    const rig = new Rig({ telemetry: {} });
    rig.trip({ span: undefined });
    rig.call('success', { span: undefined });
    rig.fallBack('default');
    rig.tryAgain('success', { span: undefined });
    rig.telemetry.dispose();
    expect(rig.entry().breaker.state).toBe('closed');
    expect(rig.warnings).toEqual([]);
    expect(trace.getActiveSpan()).toBeUndefined();
  });
});

describe('providers that are passed in', () => {
  it('are used instead of the global ones', async () => {
    sdk = new GlobalSdk();
    const rig = new Rig();
    rig.trip();
    expect(rig.spans('transition')).toHaveLength(1);
    expect(await rig.reader.series('calls')).toContain('a outcome=failure: 3');
    expect(sdk.spans('transition')).toEqual([]);
    expect(await sdk.reader.series('calls')).toEqual([]);
  });

  it('can be one only, the other being the global one', async () => {
    const exporter = new InMemorySpanExporter();
    const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
    const rig = new Rig({ telemetry: { tracerProvider } });
    sdk = new GlobalSdk();
    rig.trip();
    expect(exporter.getFinishedSpans()).toHaveLength(1);
    expect(sdk.spans('transition')).toEqual([]);
    expect(await sdk.reader.series('calls')).toContain('a outcome=failure: 3');
    expect(metrics.getMeterProvider()).toBeDefined();
  });
});
