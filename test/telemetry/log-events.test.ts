import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GlobalSdk } from './harness/global-sdk.ts';
import { P } from './harness/names.ts';
import { Rig } from './harness/rig.ts';

let sdk: GlobalSdk;
beforeEach(() => {
  sdk = new GlobalSdk();
});
afterEach(() => sdk.stop());

describe('log events', () => {
  it('tell each change of state, in the trace of its span', () => {
    const rig = new Rig({ telemetry: {} });
    rig.trip();
    rig.tryAgain('success');
    const records = sdk.logs.getFinishedLogRecords();
    expect(records.map(({ eventName, severityText, severityNumber }) => [eventName, severityText, severityNumber])).toEqual([
      [`${P}state_change`, 'WARN', 13],
      [`${P}state_change`, 'INFO', 9],
      [`${P}state_change`, 'INFO', 9],
    ]);
    expect(records[0]?.body).toBe('a: closed -> open: 3 failures in a row (trips at 3)');
    expect(records.map(({ spanContext }) => spanContext?.spanId)).toEqual(
      sdk.spans('transition').map((span) => span.spanContext().spanId),
    );
    expect(records[0]?.attributes).toEqual(sdk.spans('transition')[0]?.attributes);
    expect(records[0]?.instrumentationScope.name).toBe('grpc-breaker');
  });

  /** Those of overrides so far, in short. */
  const overrides = () =>
    sdk.logs
      .getFinishedLogRecords()
      .filter(({ eventName }) => eventName === `${P}override_change`)
      .map(({ severityText, body, attributes }) => [
        severityText,
        body,
        ...['override', 'state', 'verdict.message'].map((name) => attributes[P + name]),
      ]);

  it('tell each override, also one that changes no state, in the trace of the outage', () => {
    const rig = new Rig({ telemetry: {} });
    const { breaker } = rig.entry();
    breaker.override('forcedClosed', { reason: 'ticket 7' });
    breaker.override(null, { reason: 'done' });
    rig.trip();
    breaker.override('forcedOpen', { reason: 'until Monday' });
    breaker.override(null);
    expect(overrides()).toEqual([
      ['INFO', 'a: forcedClosed: ticket 7', 'forced_closed', 'closed', 'ticket 7'],
      ['INFO', 'a: no override: done', 'none', 'closed', 'done'],
      ['WARN', 'a: forcedOpen: until Monday', 'forced_open', 'open', 'until Monday'],
      ['INFO', 'a: no override: by code', 'none', 'open', 'by code'],
    ]);
    expect(sdk.spans('transition'), 'the trip alone changed the state').toHaveLength(1);
    const [trip] = sdk.spans('transition');
    const records = sdk.logs.getFinishedLogRecords();
    expect(records.map(({ spanContext }) => spanContext?.traceId)).toEqual(
      [undefined, undefined, 'trip', 'trip', 'trip'].map((of) => (of === undefined ? undefined : trip?.spanContext().traceId)),
    );
    expect(records.at(-1)?.attributes).toMatchObject({ 'rpc.system.name': 'grpc', 'server.address': '127.0.0.1' });
  });

  it('tell an override that ends by itself, and one that changes the state beside its change', () => {
    const rig = new Rig({ telemetry: {} });
    const { breaker } = rig.entry();
    breaker.override('forcedOpen', { reason: 'a test', forMs: 1_000 });
    rig.clock.advance(1_000);
    breaker.snapshot();
    expect(overrides()).toEqual([
      ['WARN', 'a: forcedOpen: a test', 'forced_open', 'open', 'a test'],
      ['INFO', 'a: no override: expired', 'none', 'open', 'expired'],
    ]);
    expect(sdk.logs.getFinishedLogRecords().map(({ eventName }) => eventName)).toEqual(
      ['override_change', 'state_change', 'override_change'].map((name) => P + name),
    );
  });
});
