import { expect, it, onTestFinished, vi } from 'vitest';
import { createBreakers, watchPolicy } from '../../src/index.ts';
import { GlobalSdk } from '../telemetry/harness/global-sdk.ts';
import { P } from '../telemetry/harness/names.ts';
import { ConfigMap } from './helpers/config-map.ts';

const good = (openFor: number) => `methods: [{ openFor: ${openFor}ms, trip: { consecutiveFailures: 3 } }]`;

it('metrics and logs say which documents came, which were refused, and why', async () => {
  const sdk = new GlobalSdk();
  onTestFinished(() => sdk.stop());
  const map = new ConfigMap(good(1));
  const breakers = createBreakers(watchPolicy(map.file, { settle: '20ms' }));
  onTestFinished(() => breakers.dispose());
  const records = () => sdk.logs.getFinishedLogRecords().filter(({ eventName }) => eventName === `${P}policy_change`);
  const heard = (count: number) => vi.waitFor(() => expect(records()).toHaveLength(count), { timeout: 4_000, interval: 5 });

  map.swap('methods: [{ openFor: "5" }]');
  await heard(1);
  expect(records()[0]).toMatchObject({
    severityText: 'WARN',
    body: expect.stringContaining('"5" is not a duration') as string,
    attributes: {
      [`${P}policy.source`]: `policy ${map.file}`,
      [`${P}policy.result`]: 'refused',
      [`${P}policy.problems.count`]: 1,
    },
  });
  expect(await sdk.reader.series('policy.up_to_date')).toEqual([': 0']);

  map.swap(good(2));
  await heard(2);
  expect(records()[1]).toMatchObject({
    severityText: 'INFO',
    attributes: { [`${P}policy.result`]: 'applied', [`${P}policy.changes`]: ['methods[0].openFor'] },
  });
  expect(await sdk.reader.series('policy.up_to_date')).toEqual([': 1']);
  expect(await sdk.reader.series('policy.reloads')).toEqual(['policy.result=applied: 1', 'policy.result=refused: 1']);
});
