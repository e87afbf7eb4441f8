import type { ServerCredentials } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import { HandDriven } from '../../../bench/grpc/hand-driven.ts';
import type { Admin } from '../../../src/admin/admin-options.ts';
import type { AdminOptions, AuditRecord } from '../../../src/admin/index.ts';
import { startService } from '../../../src/admin/start.ts';
import { type Breakers, createBreakers, type Policy } from '../../../src/index.ts';
import { ManualClock } from '../../../src/testing/index.ts';
import { AdminClient } from './admin-client.ts';

/** Breakers of two models, on a clock of the test's own, and their admin service. */
export interface Started {
  readonly admin: Admin;
  readonly breakers: Breakers;
  readonly clock: ManualClock;
  /** What the audit heard. */
  readonly audited: AuditRecord[];
  /** What went to the log. */
  readonly logged: AuditRecord[];
  readonly warnings: string[];
  /** A call of a model, which makes its breaker and succeeds. */
  readonly callModel: (model: string) => void;
  /** A client; closed when the test is over. */
  readonly client: (given?: ConstructorParameters<typeof AdminClient>[1]) => AdminClient;
}

/** The name of a model's breaker. */
export function nameOf(model: string): string {
  return `127.0.0.1:8081/bench.Raw/Unary[${model}]`;
}

/** No pauses that are drawn by lot, and no learning. */
export const POLICY: Policy = {
  methods: [
    {
      key: ['target', 'method', 'request.model_name'],
      trip: { consecutiveFailures: 3, failureRate: { threshold: '50%', window: '10s', minCalls: 20 } },
      openFor: '1s',
      jitter: 0,
      rampUp: 0,
      trials: 1,
    },
  ],
};

/** Starts the service on loopback; everything ends with the test. */
export async function start(options: AdminOptions & { policy?: Policy; credentials?: ServerCredentials } = {}): Promise<Started> {
  const { policy = POLICY, ...adminOptions } = options;
  const clock = new ManualClock(1_000);
  const warnings: string[] = [];
  const audited: AuditRecord[] = [];
  const logged: AuditRecord[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  const breakers = createBreakers(policy, { clock, telemetry: false, onWarning });
  const hand = new HandDriven(breakers.interceptor('127.0.0.1:8081'));
  for (const model of ['iris', 'wine']) hand.call({ model_name: model });
  await new Promise(setImmediate);
  const all = { address: '127.0.0.1:0', onAudit: (record: AuditRecord) => void audited.push(record), ...adminOptions };
  const around = {
    clock,
    wallClockNow: () => 1_700_000_000_000,
    onWarning,
    log: (record: AuditRecord) => void logged.push(record),
  };
  const admin = await startService(breakers, all, around);
  onTestFinished(async () => {
    await admin.close();
    breakers.dispose();
  });
  return {
    ...{ admin, breakers, clock, audited, logged, warnings },
    callModel: (model) => hand.call({ model_name: model }),
    client(given) {
      const address = admin.address.replace(/^0\.0\.0\.0/, '127.0.0.1');
      const client = new AdminClient(address, given);
      onTestFinished(() => client.close());
      return client;
    },
  };
}

/** How a call failed; fails the test where it did not. */
export async function failureOf(call: Promise<unknown>): Promise<{ code: number; details: string; metadata: never }> {
  return call.then(
    () => Promise.reject(new Error('the call did not fail')),
    (error: { code: number; details: string; metadata: never }) => error,
  );
}
