import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MethodPolicyOptions, Policy } from '../../../src/index.ts';
import { CAUSES, HORIZON_US, REASONS } from '../../../src/recording/format.ts';

const METHOD = { key: ['target', 'request.model_name'], jitter: 0, openFor: '10s', rampUp: 0 } satisfies MethodPolicyOptions;

/** Two policies, of which the first trips earlier. */
export const POLICIES: { readonly policy: Policy; readonly against: Policy } = {
  policy: { methods: [{ ...METHOD, trip: { consecutiveFailures: 5 } }] },
  against: { methods: [{ ...METHOD, trip: { consecutiveFailures: 9 } }] },
};

/** A recording of 400 calls, 100 of which fail, whose breaker has a name that no page and no terminal should believe. */
export function hostileRecording(): { readonly file: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-hostile-'));
  const file = join(folder, 'calls.jsonl');
  const name = `server/pkg.Service/Method[</script><script>alert(1)</script>"'&\u001b[31m\u202e]`;
  const began = 1_795_000_000_000;
  const header = { grpcBreakerCalls: 1, run: 'run', part: 0, began, horizon: HORIZON_US, causes: CAUSES, reasons: REASONS };
  const described = { breaker: 0, name, target: 'server', method: 'pkg.Service/Method', key: name, policy: 0, deadline: null };
  const lines: object[] = [
    header,
    { policy: 0, path: 'methods[0]', key: ['target', 'request.model_name'], breaker: { mode: 'off' } },
    described,
  ];
  for (let n = 0; n < 400; n++) lines.push([0, n * 10_000, 5_000, n >= 300 ? 14 : 0, n >= 300 ? 1 : 0]);
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return { file, remove: () => rmSync(folder, { recursive: true }) };
}
