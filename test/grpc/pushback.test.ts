import { Metadata, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pushbackOf } from '../../src/grpc/pushback.ts';
import { rejectionOf } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { attach } from './helpers/attached.ts';
import { play } from './helpers/play.ts';
import { debugDetail, retryDetail, richStatus } from './helpers/rich-status.ts';
import { scripted } from './helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from './helpers/scripted-server.ts';
import { CALL_TYPES } from './helpers/scripted-service.ts';

// A server that says when to come back is left alone for so long.

const POLICY = { trip: { consecutiveFailures: 1 }, openFor: '1s', backoff: { max: '60s' } } as const;

function pushback(value: string): Record<string, string> {
  return { 'grpc-retry-pushback-ms': value };
}

/** As it stands on the wire. */
function details(bytes: Buffer): Record<string, string> {
  return { 'grpc-status-details-bin': bytes.toString('base64') };
}

describe('a real server', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  async function retryInMsAfter(type: (typeof CALL_TYPES)[number], trailers: Record<string, string>, mid = false) {
    const attached = attach(POLICY, { clock: new ManualClock(1_000) });
    const client = attached.connect(server.target);
    const headers = mid ? { headers: { a: 'b' } } : {};
    await play(client, type, { metadata: scripted({ answers: 0, code: Status.UNAVAILABLE, trailers, ...headers }) });
    return rejectionOf((await play(client, type)).error)?.retryInMs;
  }

  it.each(CALL_TYPES)('lengthens the open period by its trailers, with and without headers before (%s)', async (type) => {
    for (const mid of [false, true]) {
      expect(await retryInMsAfter(type, {}, mid)).toBe(1_000);
      expect(await retryInMsAfter(type, pushback('7000'), mid)).toBe(7_000);
      expect(await retryInMsAfter(type, details(richStatus([debugDetail('busy'), retryDetail(9, 500_000_000)])), mid)).toBe(
        9_500,
      );
    }
  });

  it.each(['-1', '-7000', '', 'soon', '1e3', '0x10', '7000 ms', '99999999999', '4294967296'])(
    'is not listened to when it says %j',
    async (value) => {
      expect(await retryInMsAfter('unary', pushback(value))).toBe(1_000);
    },
  );

  it('may ask for less than the open period, and for no more than backoff.max', async () => {
    expect(await retryInMsAfter('unary', pushback('10'))).toBe(1_000);
    expect(await retryInMsAfter('unary', pushback('2147483647'))).toBe(60_000);
  });

  it('the longer one counts where it says both', async () => {
    expect(await retryInMsAfter('unary', { ...pushback('3000'), ...details(richStatus([retryDetail(2)])) })).toBe(3_000);
    expect(await retryInMsAfter('unary', { ...pushback('3000'), ...details(richStatus([retryDetail(4)])) })).toBe(4_000);
  });

  it('is heard also when the breaker is open already', async () => {
    const clock = new ManualClock(1_000);
    const attached = attach(POLICY, { clock });
    const client = attached.connect(server.target);
    await play(client, 'unary');
    const late = play(client, 'unary', {
      metadata: scripted({ answers: 0, code: Status.UNAVAILABLE, delayMs: 40, trailers: pushback('20000') }),
    });
    await play(client, 'unary', { metadata: scripted({ answers: 0, code: Status.UNAVAILABLE }) });
    expect(attached.breaker(server.target, 'unary').snapshot()).toMatchObject({ state: 'open', retryInMs: 1_000 });
    await late;
    expect(attached.breaker(server.target, 'unary').snapshot()).toMatchObject({ state: 'open', retryInMs: 20_000 });
  });

  it('is not asked where the call says nothing against it', async () => {
    const attached = attach({ ...POLICY, failureCodes: ['INTERNAL'] }, { clock: new ManualClock(1_000) });
    const client = attached.connect(server.target);
    await play(client, 'unary', { metadata: scripted({ answers: 0, code: Status.UNAVAILABLE, trailers: pushback('7000') }) });
    await play(client, 'unary', { metadata: scripted({ answers: 0, code: Status.INTERNAL }) });
    expect(attached.breaker(server.target, 'unary').snapshot().retryInMs).toBe(1_000);
  });
});

describe('pushbackOf', () => {
  it('never throws, whatever interceptors below put in place of metadata', () => {
    const hostile = {
      get: () => {
        throw new Error('no');
      },
    };
    for (const metadata of [undefined, hostile, { get: () => [] }, new Metadata()]) {
      expect(pushbackOf({ code: Status.UNAVAILABLE, details: '', metadata: metadata as Metadata })).toBe(0);
    }
  });
});
