import { fork } from 'node:child_process';
import { type Measurement, type Metric, poolMetrics } from './harness/metric.ts';
import type { SuiteOrder } from './suite-process.ts';
import { SUITES } from './suites/index.ts';

/** Runs a suite in so many processes, one after the other, and pools what they measure. */
export async function runSuite(order: SuiteOrder, processes: number): Promise<Metric[]> {
  const runs: Measurement[][] = [];
  for (let run = 0; run < processes; run++) runs.push(await runOnce(order));
  return poolMetrics(runs);
}

function runOnce(order: SuiteOrder): Promise<Measurement[]> {
  return new Promise((resolve, reject) => {
    let measured: Measurement[] | undefined;
    const child = fork(new URL('./suite-process.ts', import.meta.url), {
      execArgv: [...SUITES[order.name].flags],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.once('message', (answer) => {
      measured = answer as Measurement[];
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0 && measured !== undefined) resolve(measured);
      else reject(new Error(`suite ${order.name} ended with ${signal ?? code} and without its figures`));
    });
    child.send(order);
  });
}
