import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadPolicy } from '../../src/index.ts';
import { backtest } from '../../src/recording/backtest.ts';
import { temporaryFolder } from './helpers/temporary-folder.ts';

const DEMO = fileURLToPath(new URL('../../examples/demo/', import.meta.url));

/** Calls under way are looked at each 10 ms, and on a busy machine up to 20 ms later: so late a look is not told to recorders. In milliseconds. */
const TICK_MS = 30;

it('a backtest of a recorded demo run trips as the live run did: breaker, reason, time', { timeout: 120_000 }, async () => {
  const folder = temporaryFolder();
  const recordings = join(folder, 'calls.jsonl');
  // Whether the bot was protected on this machine, now, is not the question.
  await new Promise<void>((resolve, reject) => {
    const args = [join(DEMO, 'main.ts'), '--seconds', '6', '--rate', '300', '--json', '--record', recordings];
    execFile(process.execPath, args, { cwd: folder }, (error) => (error?.code === 2 ? reject(error) : resolve()));
  });
  const { recording, lanes } = await backtest({ policy: loadPolicy(join(DEMO, 'policy.yaml')), recordings });
  const [live, replayed] = lanes;
  expect(recording).toMatchObject({ badLines: 0, dropped: 0, withoutStart: 0 });
  expect(live?.total.outages).toBeGreaterThanOrEqual(3);
  expect(replayed?.trips.map(({ breaker, from, reason }) => [breaker, from, reason])).toEqual(
    live?.trips.map(({ breaker, from, reason }) => [breaker, from, reason]),
  );
  const offMs = live?.trips.map(({ at }, n) => Math.abs(at - (replayed?.trips[n]?.at ?? 0))) ?? [];
  expect(Math.max(...offMs)).toBeLessThanOrEqual(TICK_MS);
  // A trip that is a look off refuses some calls more, or fewer: there are 300 a second.
  const most = 0.3 * TICK_MS * (live?.total.trips ?? 0);
  expect(replayed?.total.refusedGood).toBeLessThanOrEqual(most);
  expect(replayed?.total.passedUnknown).toBeLessThanOrEqual(most);
});
