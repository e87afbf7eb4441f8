import { status as Status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { richStatusOf } from '../grpc/helpers/google-rpc.ts';
import { failureOf, nameOf, start } from './helpers/started.ts';

const IRIS = nameOf('iris');
const CHANGES = ['ForceOpen', 'ForceClosed', 'Release', 'Reset', 'SetMode'] as const;

describe('looking', () => {
  it('tells everything of a breaker', async () => {
    const { client, breakers, clock } = await start();
    const breaker = breakers.get(IRIS);
    for (let failures = 0; failures < 3; failures++) breaker?.tryAcquire()?.failure(5, 14);
    clock.advance(250);
    expect(await client().call('Get', { name: IRIS })).toMatchObject({
      name: IRIS,
      target: '127.0.0.1:8081',
      method: 'bench.Raw/Unary',
      policy: 'methods[0]',
      state: 'STATE_OPEN',
      in_state: { seconds: 0, nanos: 250_000_000 },
      mode: 'MODE_ENFORCE',
      mode_override: null,
      override: null,
      verdict: {
        reason: 'consecutiveFailures',
        text: '3 failures in a row (trips at 3)',
        numbers: { failures: 3, threshold: 3 },
        evidence: { bad: 3, codes: { UNAVAILABLE: 3 }, calls: [{ code: 'UNAVAILABLE', failed: true }, {}, {}] },
      },
      trial_due: false,
      next_trial_in: { seconds: 0, nanos: 750_000_000 },
      admitted_share: 0,
      in_flight: 0,
      calls: { success: 1, failure: 3 },
      conditions: [
        { name: 'consecutiveFailures', threshold: 3, unit: 'failures' },
        { name: 'failureRate', threshold: 0.5, unit: 'share' },
      ],
    });
  });

  it('lists in pages, those that need attention first', async () => {
    const { client, callModel, breakers } = await start();
    for (const model of ['apple', 'pear']) callModel(model);
    breakers.get(nameOf('wine'))?.trip('it is sour');
    const admin = client();
    const first = await admin.call('List', { page_size: 3 });
    expect(first['breakers'].map(({ name }: { name: string }) => name)).toEqual(['wine', 'apple', 'iris'].map(nameOf));
    expect(first['total_size']).toBe(4);
    const second = await admin.call('List', { page_size: 3, page_token: first['next_page_token'] });
    expect(second).toMatchObject({ breakers: [{ name: nameOf('pear') }], next_page_token: '' });
    expect(await admin.call('List', { states: ['STATE_OPEN'] })).toMatchObject({ total_size: 1 });
    expect(await admin.call('List', { name_contains: 'PEAR' })).toMatchObject({ total_size: 1 });
  });

  it('lists each breaker once, in order, whatever the size of a page', async () => {
    const { client, callModel, breakers } = await start();
    for (let model = 0; model < 120; model++) callModel(`m${(model * 37) % 120}`);
    for (let model = 0; model < 120; model += 7) breakers.get(nameOf(`m${model}`))?.trip('x');
    const sorted = breakers
      .list()
      .map(({ name, state }) => `${state === 'open' ? 0 : 1} ${name}`)
      .sort();
    for (const page_size of [1, 7, 61, 122, 500]) {
      const listed: string[] = [];
      let page_token = '';
      do {
        const page = await client().call('List', { page_size, page_token });
        expect(page['total_size']).toBe(122);
        for (const { name, state } of page['breakers']) listed.push(`${state === 'STATE_OPEN' ? 0 : 1} ${name}`);
        page_token = page['next_page_token'];
      } while (page_token !== '');
      expect(listed).toEqual(sorted);
    }
  });

  it('refuses pages that are none, with the field', async () => {
    const { client } = await start();
    for (const request of [{ page_token: 'bm9uZQ' }, { page_size: -1 }, { states: [7] }]) {
      const error = await failureOf(client().call('List', request));
      expect(error.code).toBe(Status.INVALID_ARGUMENT);
      const [field = ''] = Object.keys(request);
      expect(error.details).toContain(field);
    }
  });

  it('says which name was probably meant', async () => {
    const { client } = await start();
    const error = await failureOf(client().call('Get', { name: '127.0.0.1:8081/bench.Raw/Unary[irs]' }));
    expect(error).toMatchObject({ code: Status.NOT_FOUND, details: expect.stringContaining(`did you mean ${IRIS}?`) });
    const info = { reason: 'BREAKER_NOT_FOUND', domain: 'grpc-breaker', metadata: { nearest: IRIS } };
    expect(richStatusOf(error.metadata)).toMatchObject({ code: Status.NOT_FOUND, details: { 'google.rpc.ErrorInfo': info } });
    // What people remember is often the end alone.
    expect((await failureOf(client().call('Get', { name: '[iris]' }))).details).toContain(`did you mean ${IRIS}?`);
    expect((await failureOf(client().call('Get', {}))).code).toBe(Status.INVALID_ARGUMENT);
  });
});

describe('steering', () => {
  it('forces open, and releases', async () => {
    const { client, breakers } = await start();
    const anna = client({ user: 'anna' });
    const forced = await anna.call('ForceOpen', { name: IRIS, reason: 'new weights' });
    expect(forced).toMatchObject({
      state: 'STATE_OPEN',
      override: { kind: 'OVERRIDE_KIND_FORCED_OPEN', ends_in: { seconds: 900 } },
      next_trial_in: { seconds: 900 },
    });
    expect(forced['override'].reason).toMatch(/^new weights \(by anna from 127\.0\.0\.1:\d+\)$/);
    expect(breakers.get(IRIS)?.tryAcquire()).toBeNull();
    await anna.call('Release', { name: IRIS, reason: 'done' });
    expect(breakers.get(IRIS)?.tryAcquire()).not.toBeNull();
  });

  it('forces closed against the judgement', async () => {
    const { client, breakers } = await start();
    const breaker = breakers.get(IRIS);
    breaker?.trip('by the test');
    await client().call('ForceClosed', { name: IRIS, reason: 'it is well', expiry: { seconds: 60 } });
    for (let failures = 0; failures < 10; failures++) breaker?.tryAcquire()?.failure(5);
    expect(breaker?.state).toBe('closed');
  });

  it('ends by itself', async () => {
    const { client, breakers, clock } = await start();
    await client().call('ForceOpen', { name: IRIS, reason: 'for a while', expiry: { seconds: 60 } });
    clock.advance(59_000);
    expect(await client().call('Get', { name: IRIS })).toMatchObject({ override: { ends_in: { seconds: 1 } } });
    clock.advance(1_000);
    expect(await client().call('Get', { name: IRIS })).toMatchObject({ override: null, state: 'STATE_OPEN', trial_due: true });
    expect(breakers.get(IRIS)?.tryAcquire()).not.toBeNull();
  });

  it('sets a mode until it ends, or is released', async () => {
    const { client, breakers, clock } = await start();
    const set = await client().call('SetMode', { name: IRIS, reason: 'look only', mode: 'MODE_OBSERVE', expiry: { seconds: 5 } });
    expect(set).toMatchObject({ mode: 'MODE_OBSERVE', mode_override: { mode: 'MODE_OBSERVE', ends_in: { seconds: 5 } } });
    expect(breakers.get(IRIS)?.mode).toBe('observe');
    clock.advance(5_000);
    expect(await client().call('Get', { name: IRIS })).toMatchObject({ mode: 'MODE_ENFORCE', mode_override: null });
    await client().call('SetMode', { name: IRIS, reason: 'away with it', mode: 'MODE_OFF' });
    expect(await client().call('Release', { name: IRIS, reason: 'no' })).toMatchObject({
      mode: 'MODE_ENFORCE',
      mode_override: null,
    });
  });

  it('makes a breaker as new', async () => {
    const { client, breakers } = await start();
    breakers.get(IRIS)?.trip('by the test');
    expect(await client().call('Reset', { name: IRIS, reason: 'new server' })).toMatchObject({ state: 'STATE_CLOSED' });
  });

  it.each([
    ['reason', {}],
    ['reason', { reason: ' \n ' }],
    ['reason', { reason: 'x'.repeat(501) }],
    ['expiry', { reason: 'well', expiry: { seconds: 0 } }],
    ['expiry', { reason: 'well', expiry: { seconds: -5 } }],
    ['expiry', { reason: 'well', expiry: { seconds: 5, nanos: -1 } }],
    ['expiry', { reason: 'well', expiry: { seconds: 24 * 3_600 + 1 } }],
    ['mode', { reason: 'well' }],
  ])('refuses a change with a bad %s', async (field, request) => {
    const { client, breakers } = await start();
    const error = await failureOf(
      client().call('SetMode', { name: IRIS, ...(field !== 'mode' && { mode: 'MODE_OFF' }), ...request }),
    );
    expect(error.code).toBe(Status.INVALID_ARGUMENT);
    expect(error.details).toContain(field);
    expect(richStatusOf(error.metadata)?.details).toMatchObject({ 'google.rpc.BadRequest': { field_violations: [{ field }] } });
    expect(breakers.get(IRIS)?.mode).toBe('enforce');
  });

  it.each(CHANGES)('%s of an unknown breaker is refused', async (method) => {
    const { client } = await start();
    const call = client().call(method, { name: 'nobody', reason: 'why not', mode: 'MODE_OFF' });
    expect((await failureOf(call)).code).toBe(Status.NOT_FOUND);
  });
});

describe('the audit', () => {
  it('hears who, what, why and how it went', async () => {
    const { client, audited, logged } = await start();
    await client({ user: 'anna' }).call('ForceOpen', { name: IRIS, reason: ' new\nweights ', expiry: { seconds: 60 } });
    await failureOf(client().call('Reset', { name: 'nobody', reason: 'why not' }));
    expect(audited).toEqual([
      {
        ...{ action: 'ForceOpen', breaker: IRIS, reason: 'new weights', expiryMs: 60_000, result: 'done', problem: '' },
        ...{ token: 'none', user: 'anna', peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/), atMs: 1_700_000_000_000 },
      },
      expect.objectContaining({ action: 'Reset', breaker: 'nobody', result: 'refused', problem: 'there is no breaker "nobody"' }),
    ]);
    expect(logged).toEqual(audited);
  });

  it('that fails changes nothing for the change', async () => {
    let isAsynchronous = false;
    const { client, warnings } = await start({
      onAudit: () => {
        const error = new Error('disk full');
        if (isAsynchronous) return Promise.reject(error);
        throw error;
      },
    });
    expect(await client().call('ForceOpen', { name: IRIS, reason: 'x' })).toMatchObject({ state: 'STATE_OPEN' });
    isAsynchronous = true;
    expect(await client().call('Release', { name: IRIS, reason: 'x' })).toMatchObject({ override: null });
    expect(warnings).toEqual(Array(2).fill('the audit of a change failed; the change stands'));
  });
});
