import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { backtest } from '../../src/recording/backtest.ts';
import { recordCalls } from '../../src/recording/record-calls.ts';
import { HandDriven, microtask } from '../grpc/hand-driven.ts';
import { type Measurement, measurement } from '../harness/metric.ts';
import { pairedRounds, type Subject } from '../harness/paired.ts';
import type { SuiteContext } from '../harness/suite.ts';
import { generateDay } from '../recording/generate-day.ts';

/** What the disk is given time for. */
const TURN = 1_024;

/** What recording adds to a call, with the CPU time of writing to disk, how long a call is on disk, and how fast calls are replayed. */
export async function suite({ entry, rounds, isQuick }: SuiteContext): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-bench-'));
  try {
    const file = join(folder, 'calls.jsonl');
    const record = recordCalls(file, { maxSize: '256MB', maxFiles: 2, buffer: '16MB' });
    const policy = { methods: [{ trip: { failureRate: {} } }] };
    const plain = entry.createBreakers(policy, { telemetry: false });
    const recorded = entry.createBreakers(policy, { telemetry: false, record });
    const subjects: Subject[] = [
      { name: 'plain', run: byHand(new HandDriven(plain.interceptor('stub'))) },
      { name: 'recorded', run: byHand(new HandDriven(recorded.interceptor('stub'))) },
    ];
    const result = await pairedRounds(subjects, rounds);
    await record.close();
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('['));
    const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0) / lines.length;
    return [
      measurement(
        'recording.call',
        'what recording adds to a call, writing to disk included',
        'ns',
        result.difference('recorded', 'plain'),
      ),
      measurement('recording.bytes', 'on disk, a call', 'bytes', [bytes]),
      measurement('recording.dropped', 'lines left out, of a thousand', 'ratio', [(record.dropped / record.calls) * 1_000]),
      ...(await replays(folder, isQuick ? 20_000 : 2_000_000)),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function replays(folder: string, calls: number): Promise<Measurement[]> {
  const recordings = join(folder, 'day.jsonl');
  await generateDay({ file: recordings, calls });
  const methods = [{ key: ['target', 'method', 'request.model_name'] as ['target', 'method', 'request.model_name'] }];
  const samples: number[] = [];
  for (let run = 0; run < 3; run++) {
    const before = process.cpuUsage();
    await backtest({ policy: { methods }, recordings });
    const { user, system } = process.cpuUsage(before);
    samples.push(((user + system) * 1e3) / calls);
  }
  return [measurement('recording.replay', 'a call in a backtest, default policy, reading included', 'ns', samples)];
}

function byHand(hand: HandDriven): Subject['run'] {
  const request = { model_name: 'iris' };
  return async (calls) => {
    for (let call = 0; call < calls; call++) {
      hand.call(request);
      if ((call & 15) === 15) await microtask;
      if (call % TURN === TURN - 1) await setImmediate();
    }
  };
}
