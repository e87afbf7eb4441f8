import { cpus, totalmem } from 'node:os';

/** Where a run took place. */
export interface Machine {
  readonly node: string;
  readonly v8: string;
  readonly cpu: string;
  readonly cpus: number;
  readonly memoryGb: number;
  readonly platform: string;
  /** When, as ISO 8601. */
  readonly date: string;
}

/** This machine, now. */
export function thisMachine(): Machine {
  const all = cpus();
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    cpu: all[0]?.model.trim() ?? 'unknown',
    cpus: all.length,
    memoryGb: Math.round(totalmem() / 1e9),
    platform: `${process.platform} ${process.arch}`,
    date: new Date().toISOString(),
  };
}
