import type { Measurement } from './harness/metric.ts';
import { loadPackage, type PackageSource } from './harness/suite.ts';
import { SUITES, type SuiteName } from './suites/index.ts';

/** What the process of a suite is told. */
export interface SuiteOrder {
  readonly name: SuiteName;
  readonly source: PackageSource;
  readonly isQuick: boolean;
}

// In a process of its own: one suite's garbage and compiled code are not in the way of another's.
process.once('message', async ({ name, source, isQuick }: SuiteOrder) => {
  const { suite } = await SUITES[name].load();
  const rounds = isQuick ? { rounds: 2, batchMs: 0.2 } : { rounds: 25, batchMs: 25 };
  const measured: readonly Measurement[] = await suite({ entry: await loadPackage(source), isQuick, rounds });
  process.send?.(measured, () => process.disconnect());
});
