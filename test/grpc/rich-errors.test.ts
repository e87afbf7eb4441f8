import type { ServiceError } from '@grpc/grpc-js';
import { Metadata, status as Status } from '@grpc/grpc-js';
import * as fc from 'fast-check';
import { GoogleError } from 'google-gax';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BreakersOptions, fallbackOf, isRejection, type MethodPolicyOptions, rejectionOf } from '../../src/index.ts';
import { encodeStatus } from '../../src/policy/rich-status.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { type Attached, attach } from './helpers/attached.ts';
import { richStatusOf } from './helpers/google-rpc.ts';
import { codeOf, play } from './helpers/play.ts';
import { scripted } from './helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from './helpers/scripted-server.ts';
import { CALL_TYPES, type CallType, type ScriptedClient } from './helpers/scripted-service.ts';

// What a refusal says to clients that know nothing of this package, read with Google's own definitions.

const FAILING = () => scripted({ answers: 0, code: Status.UNAVAILABLE });

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

interface Refusing {
  readonly attached: Attached;
  readonly client: ScriptedClient;
  readonly clock: ManualClock;
}

/** Breakers on a clock of the test's, and a client. */
function refusing(policy: MethodPolicyOptions, options: BreakersOptions = {}): Refusing {
  const clock = new ManualClock(1_000);
  const opens: MethodPolicyOptions = policy.shed === undefined ? { rampUp: 0, trip: { consecutiveFailures: 1 } } : {};
  const attached = attach({ ...opens, ...policy }, { clock, ...options });
  return { attached, client: attached.connect(server.target), clock };
}

/** The first of some calls that a breaker refuses. */
async function refusedOf(client: ScriptedClient, calls: number, type: CallType = 'unary'): Promise<ServiceError> {
  for (let call = 0; call < calls; call++) {
    const { error } = await play(client, type);
    if (isRejection(error)) return error as ServiceError;
  }
  throw new Error('none was refused');
}

const MAKE_REFUSED: Record<string, { refuse: () => Promise<ServiceError>; retry: object | undefined; verdict?: string }> = {
  BREAKER_OPEN: {
    refuse: async () => {
      const { client, clock } = refusing({ openFor: '10s' });
      await play(client, 'unary', { metadata: FAILING() });
      clock.advance(3_250.5);
      return refusedOf(client, 1);
    },
    // 6749.5 ms, and never too early.
    retry: { seconds: 6, nanos: 750_000_000 },
    verdict: 'consecutiveFailures',
  },
  BREAKER_HALF_OPEN: {
    refuse: async () => {
      const { client, clock } = refusing({ openFor: '10s', trials: 1, lease: '5s' });
      await play(client, 'unary', { metadata: FAILING() });
      clock.advance(10_000);
      const trial = play(client, 'unary', { metadata: scripted({ delayMs: 100 }) });
      const error = await refusedOf(client, 1);
      await trial;
      return error;
    },
    retry: { seconds: 5, nanos: 0 },
    verdict: 'openPeriodOver',
  },
  BREAKER_RAMP: {
    refuse: async () => {
      const { client, clock } = refusing({ openFor: '10s', trials: 1, rampUp: '10s' }, { random: () => 1 - 2 ** -53 });
      await play(client, 'unary', { metadata: FAILING() });
      clock.advance(10_000);
      await play(client, 'unary');
      return refusedOf(client, 10);
    },
    retry: undefined,
  },
  BREAKER_SHED: {
    refuse: async () => {
      const { client } = refusing({ shed: { k: 1 } }, { random: () => 0 });
      for (let call = 0; call < 20; call++) await play(client, 'unary', { metadata: FAILING() });
      return refusedOf(client, 10);
    },
    retry: undefined,
  },
  BREAKER_CONCURRENCY: {
    refuse: async () => {
      const { client } = refusing({ maxConcurrent: 1 });
      const other = play(client, 'unary', { metadata: scripted({ delayMs: 100 }) });
      const error = await refusedOf(client, 1);
      await other;
      return error;
    },
    retry: undefined,
  },
  BREAKER_FORCED_OPEN: {
    refuse: async () => {
      const { client, attached } = refusing({});
      await play(client, 'unary');
      attached.breaker(server.target, 'unary').override('forcedOpen');
      return refusedOf(client, 1);
    },
    retry: undefined,
    verdict: 'forced',
  },
};

it.each(Object.entries(MAKE_REFUSED))(
  'a refusal says %s, and when the next trial is due',
  async (reason, { refuse, retry, verdict }) => {
    const error = await refuse();
    expect(fallbackOf(error)).toBeUndefined();
    const breaker = rejectionOf(error)?.breaker as string;
    const metadata = verdict === undefined ? { breaker } : { breaker, verdict };
    expect(richStatusOf(error.metadata)).toEqual({
      code: Status.UNAVAILABLE,
      message: error.details,
      details: {
        'google.rpc.ErrorInfo': { reason, domain: 'grpc-breaker', metadata },
        ...(retry && { 'google.rpc.RetryInfo': { retry_delay: retry } }),
      },
    });
    // As google-gax reads it, which makes errors of Google's clients.
    const read = GoogleError.parseGRPCStatusDetails(Object.assign(new GoogleError('refused'), { metadata: error.metadata }));
    expect(read).toMatchObject({ reason, domain: 'grpc-breaker', errorInfoMetadata: metadata });
    expect(read.statusDetails).toHaveLength(retry === undefined ? 1 : 2);
  },
);

describe('RetryInfo', () => {
  it('of a breaker that is forced open for a while says for how long', async () => {
    const { client, attached, clock } = refusing({});
    await play(client, 'unary');
    attached.breaker(server.target, 'unary').override('forcedOpen', { forMs: 30_000 });
    clock.advance(10_000);
    const error = await refusedOf(client, 1);
    expect(richStatusOf(error.metadata)?.details['google.rpc.RetryInfo']).toEqual({ retry_delay: { seconds: 20, nanos: 0 } });
  });

  it('is never earlier than the time that it stands for, and less than a millisecond later', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e12, noNaN: true }), (retryDelayMs) => {
        const metadata = new Metadata();
        metadata.set('grpc-status-details-bin', Buffer.from(encodeStatus({ code: 14, message: '', retryDelayMs })));
        const read = richStatusOf(metadata)?.details['google.rpc.RetryInfo'] as {
          retry_delay: { seconds: number; nanos: number };
        };
        const ms = read.retry_delay.seconds * 1_000 + read.retry_delay.nanos / 1e6;
        expect(ms).toBeGreaterThanOrEqual(retryDelayMs);
        expect(ms - retryDelayMs).toBeLessThan(1.001);
      }),
    );
  });
});

it('a google.rpc.Status is read as it was meant, whatever its texts', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 200 });
  const info = fc.record({ reason: text, domain: text, metadata: fc.dictionary(text, text) });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 16 }), text, info, (code, message, errorInfo) => {
      const metadata = new Metadata();
      metadata.set('grpc-status-details-bin', Buffer.from(encodeStatus({ code, message, errorInfo })));
      expect(richStatusOf(metadata)).toEqual({ code, message, details: { 'google.rpc.ErrorInfo': errorInfo } });
    }),
  );
});

describe.each(CALL_TYPES)('a refused call (%s)', (type) => {
  it('has the same details for its caller, with the status code of the policy', async () => {
    const { client, attached } = refusing({ rejectionStatus: 'FAILED_PRECONDITION' });
    await attached.open(server.target, [type]);
    const error = await refusedOf(client, 1, type);
    expect(error.code).toBe(Status.FAILED_PRECONDITION);
    expect(richStatusOf(error.metadata)).toMatchObject({
      code: Status.FAILED_PRECONDITION,
      details: { 'google.rpc.ErrorInfo': { reason: 'BREAKER_OPEN' } },
    });
  });
});

describe('is no rejection', () => {
  it('an error of the server, with the very same metadata', async () => {
    const { client, attached } = refusing({});
    await attached.open(server.target, ['unary']);
    const refused = await refusedOf(client, 1);
    attached.breaker(server.target, 'unary').reset();
    const bytes = refused.metadata.get('grpc-status-details-bin')[0] as Buffer;
    const trailers = { 'grpc-status-details-bin': bytes.toString('base64') };
    const script = { answers: 0, code: Status.UNAVAILABLE, details: refused.details, trailers };
    const { error } = await play(client, 'unary', { metadata: scripted(script) });
    expect(richStatusOf(error?.metadata)).toEqual(richStatusOf(refused.metadata));
    expect([isRejection(error), rejectionOf(error)]).toEqual([false, undefined]);
  });

  it.each([undefined, null, 'text', 5, {}, new Error('no'), { metadata: null }, { metadata: new Metadata() }])('%o', (other) => {
    expect(isRejection(other)).toBe(false);
  });

  it('a call that was let through and answered', async () => {
    const { client } = refusing({});
    expect(codeOf(await play(client, 'unary'))).toBe(Status.OK);
  });
});
