import { type Metadata, type ServiceError, status as Status } from '@grpc/grpc-js';
import { GoogleError } from 'google-gax';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FallbackErrorOptions, fallbackOf, isRejection, type MethodPolicyOptions } from '../../src/index.ts';
import { attachAll } from '../grpc/helpers/attached.ts';
import { googleRpc, richStatusOf } from '../grpc/helpers/google-rpc.ts';
import { type Played, play } from '../grpc/helpers/play.ts';
import { scripted } from '../grpc/helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { CALL_TYPES, type CallType, methodName, SCRIPTED } from '../grpc/helpers/scripted-service.ts';

// An error where an error is the right answer, such as the trading bot's "hold".

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());
beforeEach(() => server.forget());

/** A call that is refused, and gets an error of the policy's. */
async function refused(error: FallbackErrorOptions, type: CallType = 'unary', policy: MethodPolicyOptions = {}): Promise<Played> {
  const name = [{ service: SCRIPTED, method: methodName(type).split('/')[1] as string }];
  const attached = attachAll({
    methods: [{ jitter: 0, rampUp: 0, ...policy, name, fallback: { sources: [{ error, name: 'hold' }] } }],
  });
  await attached.open(server.target, [type]);
  server.forget();
  const played = await play(attached.connect(server.target), type);
  expect(server.calls).toEqual([]);
  expect(attached.warnings).toEqual([]);
  return played;
}

describe.each(CALL_TYPES)('a refused call (%s)', (type) => {
  it('ends with the status of the policy, and the fallback’s name in its trailers', async () => {
    const { error, sights } = await refused({ code: 'ABORTED', message: 'hold' }, type);
    expect(error).toMatchObject({ code: Status.ABORTED, details: 'hold' });
    expect(error?.metadata.getMap()).toEqual({ 'grpc-breaker-fallback': 'hold' });
    expect(sights.filter(([what]) => what === 'status')).toHaveLength(1);
    expect(sights.some(([what]) => what === 'message' || what === 'metadata')).toBe(false);
  });

  it('is told apart from a rejection, and from errors of the server', async () => {
    const { error } = await refused({ code: 'UNAVAILABLE', message: 'hold' }, type);
    expect(fallbackOf(error)).toMatchObject({ source: 'hold', reason: 'rejected', verdict: { reason: 'manual' } });
    expect(isRejection(error)).toBe(false);
    const attached = attachAll({ methods: [{ jitter: 0 }] });
    const played = await play(attached.connect(server.target), type, {
      metadata: scripted({
        answers: 0,
        code: Status.UNAVAILABLE,
        details: 'hold',
        trailers: { 'grpc-breaker-fallback': 'hold' },
      }),
    });
    expect(played.error).toMatchObject({ code: Status.UNAVAILABLE, details: 'hold' });
    expect(fallbackOf(played.error)).toBeUndefined();
  });
});

it('a failed call gets it too, and its breaker counts the failure', async () => {
  const attached = attachAll({
    methods: [{ name: [{ service: SCRIPTED }], fallback: { on: 'failed', sources: [{ error: { code: 'NOT_FOUND' } }] } }],
  });
  const played = await play(attached.connect(server.target), 'unary', {
    metadata: scripted({ answers: 0, code: Status.INTERNAL }),
  });
  expect(played.error).toMatchObject({ code: Status.NOT_FOUND, details: '' });
  expect(fallbackOf(played.error)).toMatchObject({ source: 'error', reason: 'failed' });
  expect(attached.breaker(server.target, 'unary').snapshot().counts).toMatchObject({ failure: 1, success: 0 });
});

it('a method whose service is not registered gets it: it needs no types', async () => {
  const attached = attachAll(
    { methods: [{ name: [{ service: SCRIPTED }], fallback: { sources: [{ error: { code: 'ABORTED', reason: 'HOLD' } }] } }] },
    { services: [] },
  );
  await attached.open(server.target, ['unary']);
  const { error } = await play(attached.connect(server.target), 'unary');
  expect(richStatusOf(error?.metadata)?.details).toEqual({
    'google.rpc.ErrorInfo': { reason: 'HOLD', domain: SCRIPTED, metadata: {} },
  });
});

describe('its google.rpc.Status', () => {
  const HELP = { links: [{ description: 'What to do', url: 'https://desk.example/hold' }] };
  const rich = {
    code: 'FAILED_PRECONDITION',
    message: 'hold: keine Vorhersage – später',
    reason: 'HOLD',
    domain: 'desk.example',
    metadata: { desk: 'fx', größe: '5' },
    retryAfter: '1500ms',
    details: [
      { type: 'google.rpc.Help', value: googleRpc('Help', HELP) },
      {
        type: 'google.rpc.LocalizedMessage',
        value: googleRpc('LocalizedMessage', { locale: 'de', message: 'Halten' }).toString('base64'),
      },
    ],
  } as const;

  it('has the reason, the time to wait and the details of the policy', async () => {
    const { error } = await refused(rich);
    expect(richStatusOf(error?.metadata)).toEqual({
      code: Status.FAILED_PRECONDITION,
      message: rich.message,
      details: {
        'google.rpc.ErrorInfo': { reason: 'HOLD', domain: 'desk.example', metadata: rich.metadata },
        'google.rpc.RetryInfo': { retry_delay: { seconds: 1, nanos: 500_000_000 } },
        'google.rpc.Help': HELP,
        'google.rpc.LocalizedMessage': { locale: 'de', message: 'Halten' },
      },
    });
  });

  it('is what google-gax’s GoogleError shows', async () => {
    const { error } = await refused(rich);
    const { metadata } = error as ServiceError;
    expect(GoogleError.parseGRPCStatusDetails(Object.assign(new GoogleError('no'), { metadata }))).toMatchObject({
      reason: 'HOLD',
      domain: 'desk.example',
      errorInfoMetadata: rich.metadata,
      statusDetails: [{ reason: 'HOLD' }, { retryDelay: { nanos: 500_000_000 } }, HELP, { message: 'Halten' }],
    });
  });

  it('of one without a reason has what is given', async () => {
    const { error } = await refused({ code: 'ABORTED', retryAfter: '2s' });
    expect(richStatusOf(error?.metadata)?.details).toEqual({ 'google.rpc.RetryInfo': { retry_delay: { seconds: 2, nanos: 0 } } });
  });

  it('is each caller’s own: what one does to its metadata no other sees', async () => {
    const attached = attachAll({
      methods: [{ name: [{ service: SCRIPTED }], fallback: { sources: [{ error: { code: 'ABORTED', reason: 'HOLD' } }] } }],
    });
    await attached.open(server.target, ['unary']);
    const client = attached.connect(server.target);
    const once = async (): Promise<Metadata> => ((await play(client, 'unary')).error as ServiceError).metadata;
    const first = await once();
    (first.get('grpc-status-details-bin')[0] as Buffer).fill(0);
    first.set('x', 'changed');
    const second = await once();
    expect(richStatusOf(second)?.details).toMatchObject({ 'google.rpc.ErrorInfo': { reason: 'HOLD' } });
    expect(second.get('x')).toEqual([]);
  });
});
