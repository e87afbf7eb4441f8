import { onTestFinished } from 'vitest';
import { HandDriven } from '../../../bench/grpc/hand-driven.ts';
import { type Admin, type AdminOptions, startAdmin } from '../../../src/admin/index.ts';
import { type Breakers, type BreakersOptions, createBreakers, type Policy } from '../../../src/index.ts';

/** Real breakers of models, and a real admin service of theirs. */
export interface Served {
  readonly breakers: Breakers;
  readonly admin: Admin;
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** Makes a call of a model that succeeds; the first makes its breaker. */
  readonly call: (model: string) => void;
  /** Fails as often as it takes to trip. */
  readonly trip: (model: string) => void;
}

const TARGET = '127.0.0.1:8081';

/** The name of a model's breaker. */
export function nameOf(model: string): string {
  return `${TARGET}/bench.Raw/Unary[${model}]`;
}

/** One that trips after three failures, and stays open for the whole test. */
const POLICY: Policy = {
  methods: [
    {
      name: [{}],
      key: ['target', 'method', 'request.model_name'],
      trip: { consecutiveFailures: 3 },
      openFor: '10m',
      jitter: 0,
      rampUp: 0,
    },
  ],
};

/** Starts all of it; it ends with the test. */
export async function serve(
  models: readonly string[],
  {
    policy = POLICY,
    telemetry = false,
    ...options
  }: AdminOptions & Pick<BreakersOptions, 'telemetry'> & { policy?: Policy } = {},
): Promise<Served> {
  const breakers = createBreakers(policy, { telemetry, onWarning: () => undefined });
  const hand = new HandDriven(breakers.interceptor(TARGET));
  const call = (model: string) => hand.call({ model_name: model });
  for (const model of models) call(model);
  const admin = await startAdmin(breakers, { address: '127.0.0.1:0', onWarning: () => undefined, ...options });
  onTestFinished(async () => {
    await admin.close();
    breakers.dispose();
  });
  const trip = (model: string) => {
    const breaker = breakers.get(nameOf(model));
    for (let failures = 0; failures < 3; failures++) breaker?.tryAcquire()?.failure(12);
  };
  return { breakers, admin, address: `127.0.0.1:${admin.port}`, call, trip };
}
