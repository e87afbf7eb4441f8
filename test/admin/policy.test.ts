import { status as Status } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { PolicyDesk } from '../../src/admin/policy-desk.ts';
import { createBreakers, type Policy } from '../../src/index.ts';
import { richStatusOf } from '../grpc/helpers/google-rpc.ts';
import { failureOf, nameOf, POLICY, start } from './helpers/started.ts';

const IRIS = nameOf('iris');
const ANNA = { token: 'anna', peer: '127.0.0.1:1', user: '', permission: 'write' } as const;
const withFailures = (consecutiveFailures: number) =>
  JSON.stringify({ methods: [{ ...POLICY.methods?.[0], trip: { consecutiveFailures } }] });

describe('the policy', () => {
  it('is told as a document that can be loaded again', async () => {
    const { client } = await start();
    const policy = await client().call('GetPolicy');
    expect(JSON.parse(policy['document'])).toEqual(POLICY);
    expect(policy['has_code']).toBe(false);
    expect(await client().call('ReloadPolicy', { document: policy['document'], reason: 'x' })).toMatchObject({
      changes: [],
      policy,
    });
  });

  it('of a sender can read nothing of the environment, and what looks like it comes back as it was', async () => {
    const { client, breakers } = await start();
    const sent = (text: string) => JSON.stringify({ methods: [{ fallback: { sources: [{ message: { text } }] } }] });
    const error = await failureOf(client().call('ReloadPolicy', { document: sent('${PATH}'), reason: 'x' }));
    expect(error).toMatchObject({ code: Status.INVALID_ARGUMENT, details: expect.stringContaining('PATH') });
    expect(error.details).not.toContain(process.env['PATH']);
    expect(breakers.policy.methods?.[0]?.fallback).toBeUndefined();
    const odd = await start({
      policy: {
        presets: { a: { rejectionStatus: 'ABORTED', failureCodes: [] } },
        methods: [{ name: [{ service: 'a$b${PATH}' }] }],
      },
    });
    const { document } = await odd.client().call('GetPolicy');
    await odd.client().call('ReloadPolicy', { document, reason: 'x' });
    expect(odd.breakers.policy.methods).toMatchObject([{ name: [{ service: 'a$b${PATH}' }] }]);
  });

  it('with code in it says so', async () => {
    const { client } = await start({ policy: { methods: [{ key: () => 'one', classify: () => 'success' }] } });
    const policy = await client().call('GetPolicy');
    expect(policy['has_code']).toBe(true);
    expect(JSON.parse(policy['document'])).toEqual({ methods: [{ key: '[function]', classify: '[function]' }] });
  });

  it('is put in place of another, and breakers keep what they know', async () => {
    const { client, breakers, audited } = await start();
    breakers.get(IRIS)?.trip('by the test');
    const answer = await client({ user: 'anna' }).call('ReloadPolicy', { document: withFailures(7), reason: 'too nervous' });
    expect(answer).toMatchObject({
      kept: 2,
      ended: 0,
      changes: expect.arrayContaining([{ path: expect.stringContaining('trip.consecutiveFailures'), from: '3', to: '7' }]),
    });
    expect(breakers.get(IRIS)?.state).toBe('open');
    expect(JSON.parse((await client().call('GetPolicy'))['document'])).toMatchObject({
      methods: [{ trip: { consecutiveFailures: 7 } }],
    });
    expect(audited).toMatchObject([
      { action: 'ReloadPolicy', reason: 'too nervous', user: 'anna', result: 'done', expiryMs: undefined },
    ]);
  });

  it('with problems is refused whole, with every problem', async () => {
    const { client, breakers } = await start();
    const before = breakers.policy;
    for (const validate_only of [true, false]) {
      const document = 'methods: [{ openFor: never, trip: { failureRate: { threshold: 200% } } }]';
      const error = await failureOf(client().call('ReloadPolicy', { document, reason: 'x', validate_only }));
      expect(error.code).toBe(Status.INVALID_ARGUMENT);
      expect(error.details).toContain('methods[0].openFor');
      expect(error.details).toContain('methods[0].trip.failureRate.threshold');
      expect(richStatusOf(error.metadata)?.details).toMatchObject({
        'google.rpc.BadRequest': { field_violations: [{ field: 'document' }, {}] },
      });
    }
    expect(breakers.policy).toBe(before);
  });

  it.each([
    ['document', {}],
    ['document', { document: `# ${'x'.repeat(300_000)}` }],
    ['document', { document: 'methods: [}' }],
    ['reason', { document: '{ "methods": [] }', reason: '' }],
    ['expiry', { document: '{ "methods": [] }', expiry: { seconds: -1 } }],
  ])('without a usable %s is refused', async (field, request) => {
    const { client } = await start();
    const error = await failureOf(client().call('ReloadPolicy', { reason: 'x', ...request }));
    expect(error.code).toBe(Status.INVALID_ARGUMENT);
    expect(JSON.stringify(richStatusOf(error.metadata)?.details)).toContain(`"field":"${field}"`);
  });

  it('is only checked where that is asked for', async () => {
    const { client, breakers, audited } = await start();
    const before = breakers.policy;
    await client().call('ReloadPolicy', { document: withFailures(7), validate_only: true });
    expect(breakers.policy).toBe(before);
    expect(audited).toEqual([]);
  });

  it('is not put over one that its author has not seen', async () => {
    const { client } = await start();
    const { etag } = await client().call('GetPolicy');
    await client().call('ReloadPolicy', { document: withFailures(7), reason: 'x', etag });
    const error = await failureOf(client().call('ReloadPolicy', { document: withFailures(8), reason: 'x', etag }));
    expect(error.code).toBe(Status.ABORTED);
  });

  it('goes back to the one before when its time is over, unless another came meanwhile', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const breakers = createBreakers(POLICY, { telemetry: false });
    onTestFinished(() => breakers.dispose());
    const desk = new PolicyDesk({ breakers, expiry: { defaultMs: 1, maxMs: 60_000 }, onWarning: () => {} });
    const failures = () => breakers.policy.methods?.[0]?.trip?.consecutiveFailures;
    const reload = (count: number, expiryMs?: number) =>
      desk.reload(ANNA, { document: withFailures(count), reason: 'x', etag: '', expiryMs }, () => {});
    reload(7, 30_000);
    vi.advanceTimersByTime(29_999);
    expect(failures()).toBe(7);
    vi.advanceTimersByTime(1);
    expect(failures()).toBe(3);
    reload(7, 30_000);
    reload(8);
    vi.advanceTimersByTime(60_000);
    expect(failures()).toBe(8);
    // By code, which the desk does not hear of.
    reload(9, 30_000);
    breakers.reload(JSON.parse(withFailures(4)) as Policy);
    vi.advanceTimersByTime(60_000);
    expect(failures()).toBe(4);
  });

  describe('for a time', () => {
    const tried = () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      onTestFinished(() => void vi.useRealTimers());
      const breakers = createBreakers(POLICY, { telemetry: false });
      onTestFinished(() => breakers.dispose());
      const desk = () => new PolicyDesk({ breakers, expiry: { defaultMs: 1, maxMs: 60_000 }, onWarning: () => {} });
      const failures = () => breakers.policy.methods?.[0]?.trip?.consecutiveFailures;
      const reload = (by: PolicyDesk, count: number, expiryMs?: number) =>
        by.reload(ANNA, { document: withFailures(count), reason: 'x', etag: '', expiryMs }, () => {});
      return { desk, failures, reload };
    };

    it('and for longer ends all the same', () => {
      const { desk, failures, reload } = tried();
      const own = desk();
      reload(own, 7, 30_000);
      vi.advanceTimersByTime(20_000);
      reload(own, 7, 30_000);
      vi.advanceTimersByTime(29_999);
      expect(failures()).toBe(7);
      vi.advanceTimersByTime(1);
      expect(failures()).toBe(3);
      vi.advanceTimersByTime(60_000);
      expect(failures()).toBe(3);
    });

    it('on top of another goes back to that one while it lasts, and to the one for good in the end, whoever set them', () => {
      const { desk, failures, reload } = tried();
      reload(desk(), 7, 30_000);
      reload(desk(), 8, 10_000);
      vi.advanceTimersByTime(10_000);
      expect(failures()).toBe(7);
      reload(desk(), 9, 40_000);
      vi.advanceTimersByTime(20_000);
      expect(failures()).toBe(9);
      vi.advanceTimersByTime(20_000);
      expect(failures()).toBe(3);
      for (let count = 10; count < 50; count++) reload(desk(), count, 1_000 * (60 - count));
      vi.advanceTimersByTime(60_000);
      expect(failures()).toBe(3);
    });
  });

  it('for a time that is rolled out for good meanwhile stays', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const breakers = createBreakers(POLICY, { telemetry: false });
    onTestFinished(() => breakers.dispose());
    const desk = new PolicyDesk({ breakers, expiry: { defaultMs: 1, maxMs: 60_000 }, onWarning: () => {} });
    const failures = () => breakers.policy.methods?.[0]?.trip?.consecutiveFailures;
    const reload = (expiryMs: number) =>
      desk.reload(ANNA, { document: withFailures(7), reason: 'x', etag: '', expiryMs }, () => {});
    reload(30_000);
    // By its file, with the same text.
    breakers.reload(JSON.parse(withFailures(7)) as Policy);
    vi.advanceTimersByTime(60_000);
    expect(failures()).toBe(7);
    reload(30_000);
    vi.advanceTimersByTime(60_000);
    expect(failures()).toBe(7);
  });

  it('for a time ends also without the admin service that set it', async () => {
    const { client, admin, breakers } = await start();
    await client().call('ReloadPolicy', { document: withFailures(7), reason: 'x', expiry: { seconds: 1 } });
    await admin.close();
    await vi.waitFor(() => expect(breakers.policy.methods?.[0]?.trip?.consecutiveFailures).toBe(3), { timeout: 5_000 });
  });
});
