import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createBreakers } from '../../src/index.ts';
import { startAdmin } from '../../src/start-admin.ts';
import { GlobalSdk } from '../telemetry/harness/global-sdk.ts';
import { AdminClient } from './helpers/admin-client.ts';
import { failureOf } from './helpers/started.ts';

let sdk: GlobalSdk;
beforeEach(() => {
  sdk = new GlobalSdk();
});
afterEach(() => sdk.stop());

describe('the log', () => {
  it('has each change that was asked for, with who, what, why and how it went', async () => {
    const breakers = createBreakers({}, { telemetry: false });
    const admin = await startAdmin(breakers, { address: '127.0.0.1:0', tokens: { write: { oncall: 'write-0123456789abcdef' } } });
    const client = new AdminClient(admin.address, { token: 'write-0123456789abcdef', user: 'anna' });
    onTestFinished(async () => {
      client.close();
      await admin.close();
      breakers.dispose();
    });
    const document = '{ "methods": [{ "trip": { "consecutiveFailures": 7 } }] }';
    await client.call('ReloadPolicy', { document, reason: 'too nervous', expiry: { seconds: 60 } });
    await failureOf(client.call('ForceOpen', { name: 'nobody', reason: 'x' }));
    const records = sdk.logs.getFinishedLogRecords().filter(({ eventName }) => eventName === 'grpc_breaker.admin.change');
    const told = records.map(({ severityText, body, attributes }) => ({ severityText, body, attributes }));
    expect(told).toMatchObject([
      {
        severityText: 'INFO',
        body: expect.stringMatching(/^ReloadPolicy by anna \(127\.0\.0\.1:\d+\): too nervous$/),
        attributes: {
          'grpc_breaker.admin.action': 'ReloadPolicy',
          'grpc_breaker.admin.reason': 'too nervous',
          'grpc_breaker.admin.result': 'done',
          'grpc_breaker.admin.token': 'oncall',
          'grpc_breaker.admin.user': 'anna',
          'grpc_breaker.admin.expiry': 60,
          'network.peer.address': expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        },
      },
      {
        severityText: 'WARN',
        body: expect.stringContaining('refused: there is no breaker "nobody"'),
        attributes: { 'grpc_breaker.circuit_breaker.name': 'nobody', 'grpc_breaker.admin.result': 'refused' },
      },
    ]);
    expect(JSON.stringify(told)).not.toContain('write-0123456789abcdef');
  });
});
