import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PolicyEvent } from '../../src/policy/policy-event.ts';
import { GlobalSdk } from './harness/global-sdk.ts';
import { P } from './harness/names.ts';
import { Rig } from './harness/rig.ts';

const APPLIED: PolicyEvent = {
  type: 'policy',
  result: 'applied',
  source: 'policy breakers.yaml',
  changes: [
    { path: 'methods[0].trip.consecutiveFailures', from: 3, to: 5 },
    { path: 'methods[1].deadline', from: undefined, to: '1s' },
  ],
  problems: [],
  kept: 1,
  ended: 2,
  atMs: 0,
};

const REFUSED: PolicyEvent = {
  ...APPLIED,
  result: 'refused',
  changes: [],
  problems: Array.from({ length: 12 }, (_, at) => ({ path: `methods[${at}].openFor`, message: 'is 5x', line: at + 3 })),
  kept: 3,
  ended: 0,
};

let sdk: GlobalSdk;
let rig: Rig;
beforeEach(() => {
  sdk = new GlobalSdk();
  rig = new Rig({ telemetry: {} });
});
afterEach(() => sdk.stop());

const log = (name: string) => sdk.logs.getFinishedLogRecords().filter(({ eventName }) => eventName === P + name);

describe('a policy that comes', () => {
  it('is counted, and says whether the newest one holds', async () => {
    const read = async () => [await sdk.reader.series('policy.up_to_date'), await sdk.reader.series('policy.reloads')];
    expect(await read()).toEqual([[': 1'], ['policy.result=applied: 0', 'policy.result=refused: 0']]);
    rig.telemetry.onPolicyEvent(REFUSED);
    expect(await read()).toEqual([[': 0'], ['policy.result=applied: 0', 'policy.result=refused: 1']]);
    rig.telemetry.onPolicyEvent(REFUSED);
    rig.telemetry.onPolicyEvent(APPLIED);
    expect(await read()).toEqual([[': 1'], ['policy.result=applied: 1', 'policy.result=refused: 2']]);
  });

  it('says nothing any more when its breakers are disposed of: that is no refusal', async () => {
    rig.telemetry.onPolicyEvent(APPLIED);
    rig.telemetry.dispose();
    rig.telemetry.onPolicyEvent(REFUSED);
    expect(await sdk.reader.series('policy.up_to_date')).toEqual([]);
    expect(await sdk.reader.series('policy.reloads')).toEqual(['policy.result=applied: 1', 'policy.result=refused: 0']);
  });

  it('is a log event: INFO where it was applied, with what changed', () => {
    rig.telemetry.onPolicyEvent(APPLIED);
    const [record] = log('policy_change');
    expect([record?.severityText, record?.body]).toEqual([
      'INFO',
      'policy breakers.yaml: applied: 2 changes; 1 breaker went on, 2 ended',
    ]);
    expect(record?.attributes).toEqual({
      [`${P}policy.source`]: 'policy breakers.yaml',
      [`${P}policy.result`]: 'applied',
      [`${P}policy.changes.count`]: 2,
      [`${P}policy.changes`]: ['methods[0].trip.consecutiveFailures', 'methods[1].deadline'],
      [`${P}policy.problems.count`]: 0,
      [`${P}policy.problems`]: [],
      [`${P}policy.breakers.kept`]: 1,
      [`${P}policy.breakers.ended`]: 2,
    });
  });

  it('is a WARN where it was refused, with the first problems', () => {
    rig.telemetry.onPolicyEvent(REFUSED);
    const [record] = log('policy_change');
    expect([record?.severityText, record?.body]).toEqual([
      'WARN',
      'policy breakers.yaml: refused: 12 problems, the first is methods[0].openFor (line 3): is 5x; the policy before it holds',
    ]);
    expect(record?.attributes[`${P}policy.problems.count`]).toBe(12);
    expect(record?.attributes[`${P}policy.problems`]).toHaveLength(10);
  });
});

describe('a mode that changes', () => {
  it('is a log event, in the trace of the outage where there is one', () => {
    const { breaker } = rig.entry();
    breaker.setMode('observe', { reason: 'ticket 7', forMs: 60_000 });
    breaker.setMode(null, { reason: 'done' });
    rig.trip();
    breaker.setMode('observe', { reason: 'it refuses too much' });
    rig.adopt({ mode: 'observe' });
    const [trip] = sdk.spans('transition');
    expect(
      log('mode_change').map(({ severityText, body, attributes, spanContext }) => [
        severityText,
        body,
        attributes[`${P}mode`],
        attributes[`${P}state`],
        spanContext?.traceId,
      ]),
    ).toEqual([
      ['INFO', 'a: mode observe: ticket 7', 'observe', 'closed', undefined],
      ['INFO', 'a: mode enforce: done', 'enforce', 'closed', undefined],
      ['INFO', 'a: mode observe: it refuses too much', 'observe', 'open', trip?.spanContext().traceId],
    ]);
  });
});

describe('the changes of state of a breaker that observes', () => {
  it('warn nobody, and say that it observes', () => {
    rig.adopt({ mode: 'observe' });
    rig.trip();
    rig.entry().breaker.override('forcedClosed');
    rig.entry().breaker.override('forcedOpen');
    expect(log('state_change').map(({ severityText, attributes }) => [severityText, attributes[`${P}mode`]])).toEqual([
      ['INFO', 'observe'],
      ['INFO', 'observe'],
      ['WARN', 'observe'], // A person's: that one refuses calls.
    ]);
  });
});

describe('the trace of an outage', () => {
  it('is told with each of its changes, and later as that of the last outage', () => {
    const ids: (string | undefined)[] = [];
    rig.entry().breaker.subscribe((event) => void ids.push(rig.telemetry.traceIdOf(rig.entry()) ?? event.type));
    expect(rig.telemetry.traceIdOf(rig.entry())).toBeUndefined();
    rig.trip();
    rig.tryAgain('success');
    const traceId = sdk.spans('transition')[0]?.spanContext().traceId;
    expect(ids).toEqual([traceId, traceId, traceId]);
    expect(rig.telemetry.traceIdOf(rig.entry())).toBe(traceId);
    rig.trip();
    expect(rig.telemetry.traceIdOf(rig.entry())).not.toBe(traceId);
  });
});
