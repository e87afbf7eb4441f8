import type * as entry from '../../src/index.ts';
import type { Measurement } from './metric.ts';
import type { RoundsOptions } from './paired.ts';

/** Which copy of the package is measured. */
export type PackageSource = 'src' | 'dist';

/** The main entry of the package under test. */
export type PackageEntry = typeof entry;

/** What a suite is run with. */
export interface SuiteContext {
  /** The package under test. */
  readonly entry: PackageEntry;
  /** A smoke run: everything runs, and the figures mean nothing. */
  readonly isQuick: boolean;
  /** How long to measure. */
  readonly rounds: RoundsOptions;
}

/** Measures something, in a process of its own. */
export type Suite = (context: SuiteContext) => Promise<Measurement[]>;

/** Loads the package under test. */
export async function loadPackage(source: PackageSource): Promise<PackageEntry> {
  const file = source === 'src' ? '../../src/index.ts' : '../../dist/index.js';
  return (await import(new URL(file, import.meta.url).href)) as PackageEntry;
}
