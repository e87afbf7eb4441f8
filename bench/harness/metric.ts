import { type Spread, spreadOf } from './stats.ts';

/** In what a figure is counted. */
export type Unit = 'ns' | 'us' | 'ratio' | '%' | 'bytes' | 'MB';

/** What a suite measured: one number a round. */
export interface Measurement {
  /** Its place: `<suite>.<what>`. */
  readonly id: string;
  /** In words, for the table. */
  readonly what: string;
  readonly unit: Unit;
  readonly samples: readonly number[];
}

/** A figure, with its spread over all rounds in all processes. */
export interface Metric extends Omit<Measurement, 'samples'>, Spread {}

/** Something measured in each round. */
export function measurement(id: string, what: string, unit: Unit, samples: readonly number[]): Measurement {
  return { id, what, unit, samples };
}

/** Pools what the processes of a suite measured. How the compiler treats a process is luck: the rounds of one are not enough. */
export function poolMetrics(runs: readonly (readonly Measurement[])[]): Metric[] {
  const pooled = new Map<string, Measurement>();
  for (const run of runs) {
    for (const { samples, ...rest } of run)
      pooled.set(rest.id, { ...rest, samples: [...(pooled.get(rest.id)?.samples ?? []), ...samples] });
  }
  return Array.from(pooled.values(), ({ samples, ...rest }) => ({ ...rest, ...spreadOf(samples) }));
}
