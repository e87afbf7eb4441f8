// A day of 200 calls a second, replayed: how long it takes, and what it needs of memory. `--calls N` for less of it.
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { backtest } from '../../src/recording/backtest.ts';
import { thisMachine } from '../harness/machine.ts';
import { generateDay } from './generate-day.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '17280000' },
    file: { type: 'string' },
    against: { type: 'boolean', default: false },
    adaptive: { type: 'boolean', default: false },
  },
});
const calls = Number(values.calls);
mkdirSync('temp/recording', { recursive: true });
const file = values.file ?? `temp/recording/day-${calls}.jsonl`;
if (!existsSync(file)) await generateDay({ file, calls });

const name = [{ service: 'inference.GRPCInferenceService' }];
const key: readonly ('target' | 'method' | 'request.model_name')[] = ['target', 'method', 'request.model_name'];
const rates = { methods: [{ name, key, trip: { failureRate: {}, slowCallRate: { slowerThan: '100ms' as const } } }] };
const policy = values.adaptive ? { methods: [{ name, key }] } : rates;
const cpuBefore = process.cpuUsage();
const began = performance.now();
const result = await backtest({ policy, recordings: file, ...(values.against && { against: { methods: [{ name, key }] } }) });
const cpu = process.cpuUsage(cpuBefore);
const seconds = (performance.now() - began) / 1000;
const { maxRSS } = process.resourceUsage();
const report = {
  machine: thisMachine(),
  calls: result.recording.calls,
  megabytes: statSync(file).size / 1e6,
  bytesPerCall: statSync(file).size / result.recording.calls,
  seconds,
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
  callsPerSecondOfCpu: Math.round(result.recording.calls / ((cpu.user + cpu.system) / 1e6)),
  callsPerSecond: Math.round(result.recording.calls / seconds),
  peakRssMegabytes: Math.round(maxRSS / 1024),
  trips: result.lanes.map(({ title, total }) => [title, total.trips]),
};
process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
