import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { playRecorded } from './helpers/play-recorded.ts';
import { scriptArb } from './helpers/recorded-script.ts';

const RUNS = 1_000;

/** All that is to happen in the scripts, or they prove little. */
const EVERYTHING = [
  'answered: for failed',
  'answered: for rejected',
  'answered: for stale',
  'closed -> open: consecutiveFailures',
  'closed -> open: failureRate',
  'closed -> open: rampFailed',
  'closed -> open: slowCallRate',
  'halfOpen -> closed: trialsSucceeded',
  'halfOpen -> open: trialExpired',
  'halfOpen -> open: trialFailed',
  'halfOpen -> open: trialSlow',
  'open -> halfOpen: openPeriodOver',
  'refused: concurrency',
  'refused: halfOpen',
  'refused: open',
  'refused: ramp',
  'refused: shed',
];

it('observing finds what enforcement finds, at the same calls, and changes nothing', { timeout: 120_000 }, async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(scriptArb, async (script) => {
      const enforced = await playRecorded(script, 'enforce');
      const observed = await playRecorded(script, 'observe');
      const without = await playRecorded(script, 'off');
      expect(observed.verdicts).toEqual(enforced.verdicts);
      expect(observed.changes).toEqual(enforced.changes);
      // What is told is what enforcement does.
      expect(observed.told.rejections).toEqual(enforced.verdicts.filter((verdict) => verdict !== 'passed'));
      expect(observed.told.fallbacks).toEqual(enforced.fallbacks);
      expect([enforced.told, observed.fallbacks]).toEqual([{ rejections: [], fallbacks: [] }, []]);
      // And nobody notices.
      expect([observed.sent, observed.got]).toEqual([without.sent, without.got]);
      for (const change of enforced.changes) seen.add(change.replace(/^\d+: (.*?: \w+).*$/, '$1'));
      for (const verdict of enforced.verdicts) if (verdict !== 'passed') seen.add(`refused: ${verdict}`);
      for (const fallback of enforced.fallbacks) seen.add(`answered: ${fallback.replace(/^\S+ /, '')}`);
    }),
    { numRuns: RUNS },
  );
  expect([...seen].toSorted((one, other) => one.localeCompare(other))).toEqual(EVERYTHING);
});
