// Draws the picture of docs/backtest.md, and prints its table: four hours of calls with outages in them, under two policies.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateDay } from '../bench/recording/generate-day.ts';
import { loadPolicy } from '../src/index.ts';
import { backtest } from '../src/recording/backtest.ts';
import { formatReport } from '../src/recording/format-report.ts';
import { renderTimeline } from '../src/recording/render-timeline.ts';

const PICTURE = 'docs/images/backtest.svg';
const PER_SECOND = 40;
const HOURS = 4;

const METHOD = `methods:
  - name: [{ service: inference.GRPCInferenceService }]
    key: [target, method, request.model_name]
    deadline: 900ms
`;

const folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-backtest-'));
try {
  const recordings = join(folder, 'calls.jsonl');
  await generateDay({ file: recordings, calls: HOURS * 3_600 * PER_SECOND, perSecond: PER_SECOND });
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), METHOD + text);
    return join(folder, name);
  };
  const policy = loadPolicy(file('new.yaml', '    trip: { adaptive: {} }\n'));
  const against = loadPolicy(file('old.yaml', '    trip: { failureRate: { threshold: 50%, window: 10s } }\n'));
  const result = await backtest({ policy, against, recordings });
  mkdirSync('docs/images', { recursive: true });
  writeFileSync(PICTURE, renderTimeline(result, 'svg'));
  console.log(formatReport(result, { width: 130 }));
  console.log(`\n${PICTURE} shows it`);
} finally {
  rmSync(folder, { recursive: true });
}
