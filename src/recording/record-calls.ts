import { ConfigError, type ConfigProblem } from '../core/errors.ts';
import { silence } from '../core/silence.ts';
import type { CallRecorder, RecorderContext } from '../policy/call-recorder.ts';
import { type Size, sizeSchema } from '../policy/units.ts';
import type { DiskOptions } from './disk-writer.ts';
import { Recorder } from './recorder.ts';

/** How calls are recorded. */
export interface RecordCallsOptions {
  /** A file that has become this large is kept under another name (`calls.1.jsonl`, `calls.2.jsonl`, ...), and another one is begun. At least 16KB. @default '64MB' */
  maxSize?: Size;
  /** At most so many files, with the one that is written to; the oldest goes. At least 2. @default 8 */
  maxFiles?: number;
  /** Files that are full are compressed, `calls.1.jsonl.gz`. @default false */
  gzip?: boolean;
  /** So much may wait for the disk in memory. What comes beyond that is left out, and counted. @default '4MB' */
  buffer?: Size;
}

/** A recorder, to be given to `createBreakers` as `record`. */
export interface CallRecording extends CallRecorder {
  /** Calls taken down so far. */
  readonly calls: number;
  /** Lines that were left out, because the disk was too slow. */
  readonly dropped: number;
  /** Bytes on disk, before compression. */
  readonly bytes: number;
  /** Writes what is there now; resolves when it is on disk. Never rejects. */
  flush(): Promise<void>;
  /** Ends the recording; resolves when all of it is on disk. Never rejects. */
  close(): Promise<void>;
}

/** How often what there is goes to disk, in milliseconds. */
const FLUSH_MS = 250;

const LEAST_SIZE = 16_384;

/**
 * Records the calls of breakers, for `backtest`: when each began, how long it took, its status and how it counted, what was refused, and each change of
 * state. No messages, no metadata; a key is written as it stands in the breaker's name. The disk is written to behind the calls: when it is too slow,
 * or fails, lines are left out, and no call waits or fails.
 * @param file - where to, such as `calls.jsonl`
 * @throws ConfigError for options that make no sense
 */
export function recordCalls(file: string, options: RecordCallsOptions = {}): CallRecording {
  const disk = readOptions(file, options);
  let recorder: Recorder | undefined;
  let context: RecorderContext | undefined;
  let hasFailed = false;
  let timer: NodeJS.Timeout | undefined;

  const fail = (error: unknown): void => {
    if (!hasFailed) silence(context?.onWarning('recording a call failed; the call goes on (said once)', error), () => {});
    hasFailed = true;
  };
  const safely = (work: (own: Recorder) => void): void => {
    if (recorder === undefined) return;
    try {
      work(recorder);
    } catch (error) {
      fail(error);
    }
  };
  const saveAtExit = (): void => safely((own) => own.saveAtExit());

  return {
    begin(given) {
      if (recorder !== undefined) {
        given.onWarning(
          `recorder of ${file}`,
          new Error('it is used by other breakers already: all of them are in one recording now'),
        );
        return;
      }
      context = given;
      try {
        recorder = new Recorder(disk, given);
        timer = setInterval(() => safely((own) => own.flush()), FLUSH_MS).unref();
        process.on('exit', saveAtExit);
      } catch (error) {
        fail(error);
      }
    },
    drawing: (random) => recorder?.drawing(random) ?? random,
    callAdmitted(call, entry, nowMs, deadlineLeftMs) {
      try {
        recorder?.callAdmitted(call, entry, nowMs, deadlineLeftMs);
      } catch (error) {
        fail(error);
      }
    },
    callRejected: (call, entry, reason, nowMs, leftMs) => safely((own) => own.callRejected(call, entry, reason, nowMs, leftMs)),
    callAnswered: (call, nowMs) => safely((own) => own.callAnswered(call, nowMs)),
    callEnded(call, entry, outcome, statusCode, cause, latencyMs, pushbackMs, nowMs) {
      try {
        recorder?.callEnded(call, entry, outcome, statusCode, cause, latencyMs, pushbackMs, nowMs);
      } catch (error) {
        fail(error);
      }
    },
    stalled: (lateMs, nowMs) => safely((own) => own.stalled(lateMs, nowMs)),
    event: (event) => safely((own) => own.event(event)),
    get calls() {
      return recorder?.calls ?? 0;
    },
    get dropped() {
      return recorder?.dropped ?? 0;
    },
    get bytes() {
      return recorder?.written ?? 0;
    },
    async flush() {
      safely((own) => own.flush());
      await recorder?.drained();
    },
    async close() {
      clearInterval(timer);
      process.off('exit', saveAtExit);
      safely((own) => own.finish());
      await recorder?.close();
    },
  };
}

function readOptions(file: string, options: RecordCallsOptions): DiskOptions {
  const problems: ConfigProblem[] = [];
  const { maxSize = '64MB', maxFiles = 8, gzip = false, buffer = '4MB' } = options;
  const size = (path: string, value: Size, least: number): number => {
    const { data: bytes } = sizeSchema.safeParse(value);
    if (bytes !== undefined && bytes >= least) return bytes;
    problems.push({ path, message: `expected a size of at least ${least} bytes, such as "64MB", not ${JSON.stringify(value)}` });
    return least;
  };
  if (typeof file !== 'string' || file === '') problems.push({ path: 'file', message: 'expected the name of a file' });
  if (!Number.isInteger(maxFiles) || maxFiles < 2) {
    problems.push({ path: 'maxFiles', message: `expected a whole number of at least 2, not ${String(maxFiles)}` });
  }
  const read = {
    file,
    keep: maxFiles - 1,
    gzip,
    maxSize: size('maxSize', maxSize, LEAST_SIZE),
    buffer: size('buffer', buffer, LEAST_SIZE),
  };
  if (problems.length > 0) throw new ConfigError('recordCalls', problems);
  return read;
}
