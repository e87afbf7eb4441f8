import { type CallOptions, Metadata, status as Status } from '@grpc/grpc-js';
import { CallSettings, createApiCall, createBackoffSettings, type GoogleError, type GRPCCall, RetryOptions } from 'google-gax';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MethodPolicyOptions } from '../../src/index.ts';
import { attach } from './helpers/attached.ts';
import { type ScriptedServer, startScriptedServer } from './helpers/scripted-server.ts';

// google-gax, under all of Google's clients, retries UNAVAILABLE above the interceptor: against an open breaker that is a loop.

/** How long it tries, in milliseconds, and how long it waits from one try to the next: a random part of this. */
const TIMEOUT_MS = 600;
const DELAY_MS = 25;

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

/** A call by google-gax to a breaker that is open. */
async function retried(policy: MethodPolicyOptions): Promise<{ tries: number; error: GoogleError }> {
  const attached = attach({ openFor: '1h', backoff: { max: '1h' }, rampUp: 0, ...policy });
  await attached.open(server.target, ['unary']);
  server.forget();
  const client = attached.connect(server.target);
  const func = (request: object, metadata: Metadata | null, options: CallOptions, callback: (error: unknown) => void) =>
    client.unary(request, metadata ?? new Metadata(), options, callback);
  const backoff = createBackoffSettings(DELAY_MS, 1, DELAY_MS, null, null, null, null);
  const settings = new CallSettings({ retry: new RetryOptions([Status.UNAVAILABLE], backoff) });
  const call = createApiCall(func as unknown as GRPCCall, settings);
  const error = (await Promise.resolve(call({}, { timeout: TIMEOUT_MS })).catch((failure: unknown) => failure)) as GoogleError;
  expect(server.calls).toEqual([]);
  return { tries: attached.breaker(server.target, 'unary').snapshot().counts.rejected.open, error };
}

it('a refusal with the default status is tried again and again, until the client’s own time is up', async () => {
  const { tries, error } = await retried({});
  // About 48 on an idle machine.
  expect(tries).toBeGreaterThan(TIMEOUT_MS / DELAY_MS / 2);
  expect(error).toMatchObject({ code: Status.DEADLINE_EXCEEDED, message: expect.stringContaining('Total timeout') });
});

it('one with FAILED_PRECONDITION is tried once, and its reason reaches the caller', async () => {
  const { tries, error } = await retried({ rejectionStatus: 'FAILED_PRECONDITION' });
  expect(tries).toBe(1);
  expect(error).toMatchObject({ code: Status.FAILED_PRECONDITION, reason: 'BREAKER_OPEN', domain: 'grpc-breaker' });
});
