import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { P } from './harness/names.ts';

/** Runs a program in which the package has the oldest API, and reads what it prints. */
async function runOnOldApi(program: string): Promise<unknown> {
  const hook = import.meta.resolve('./old-api/use-old-api.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', hook, fileURLToPath(program)]);
  return JSON.parse(stdout);
}

describe('on the oldest OpenTelemetry API', () => {
  it('reports to an SDK on the newest one: everything but log events, which that API does not have', async () => {
    expect(await runOnOldApi(import.meta.resolve('./old-api/sdk-on-new-api.ts'))).toEqual({
      warnings: [],
      states: ['open', 'half_open', 'closed'],
      links: 3,
      oneTrace: true,
      annotated: 1,
      calls: ['a outcome=failure: 3', 'a outcome=ignored: 0', 'a outcome=rejected: 1', 'a outcome=success: 1'],
      logEvents: 0,
    });
  });

  it('reports to an SDK on that one', async () => {
    const counted = ['status', 'calls', 'rejections', 'fallbacks', 'fallback.skips', 'in_flight', 'transitions', 'ignored'];
    const names = [
      ...counted,
      'latency',
      'latency.limit',
      'baseline.error_rate',
      'baseline.latency',
      'signal.errors',
      'signal.firing',
      'override',
      'shadow.status',
      'shadow.transitions',
      'shadow.rejections',
      'shadow.fallbacks',
      'policy.reloads',
      'policy.up_to_date',
      'open.duration',
    ];
    expect(await runOnOldApi(import.meta.resolve('./old-api/application-on-old-api.ts'))).toEqual({
      warnings: [],
      spans: ['transition', 'open', 'transition', 'transition'].map((name) => P + name),
      instruments: names.map((name) => P + name),
    });
  });
});
