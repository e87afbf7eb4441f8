import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAUSES, HORIZON_US, REASONS } from '../../../src/recording/format.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** When these recordings begin, in milliseconds since 1970. */
export const BEGAN = 1_795_000_000_000;

/** A line of a recording: numbers, or an object. */
export type Line = readonly (number | null)[] | object;

/** What a recording begins with: one breaker, 0, of a unary method. */
export interface Beginning {
  readonly key?: readonly string[] | null;
  readonly breakerKey?: string;
  readonly mode?: string;
  readonly stream?: true;
  /** In microseconds. */
  readonly deadline?: number | null;
  /** The process that it was recorded in. */
  readonly run?: string;
  /** It began so much later than others, in milliseconds. */
  readonly laterMs?: number;
}

/** Writes a recording by hand; returns its file. */
export function writeRecording(lines: readonly Line[], beginning: Beginning = {}): string {
  const { key = ['target', 'method'], mode = 'observe', stream, deadline = null, run = 'run', laterMs = 0 } = beginning;
  const method = 'pkg.Service/Method';
  const breakerKey = beginning.breakerKey ?? `server/${method}`;
  const file = join(temporaryFolder(), 'calls.jsonl');
  const header = {
    grpcBreakerCalls: 1,
    run,
    part: 0,
    began: BEGAN + laterMs,
    horizon: HORIZON_US,
    causes: CAUSES,
    reasons: REASONS,
  };
  const all: readonly Line[] = [
    header,
    { policy: 0, path: 'methods[0]', key, breaker: { mode } },
    { breaker: 0, name: breakerKey, target: 'server', method, key: breakerKey, policy: 0, deadline, ...(stream && { stream }) },
    ...lines,
  ];
  writeFileSync(file, `${all.map((line) => JSON.stringify(line)).join('\n')}\n`);
  return file;
}
