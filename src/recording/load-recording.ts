import { existsSync, statSync } from 'node:fs';
import { type HeaderLine, VERSION } from './format.ts';
import { isGzip, readLines } from './read-lines.ts';
import { RecordingError } from './recording-error.ts';

/** A file of a recording. */
export interface RecordingFile {
  /** Its path. */
  readonly file: string;
  /** Bytes, as they are on disk. */
  readonly bytes: number;
  /** It is compressed. */
  readonly gzip: boolean;
  /** What it begins with; undefined where that cannot be read. */
  readonly header: HeaderLine | undefined;
}

/** Files of recordings, in the order in which they are to be replayed. Made by {@link loadRecording}. */
export interface Recording {
  /** The files. */
  readonly files: readonly RecordingFile[];
}

/** Thrown to stop reading. */
const ENOUGH = new Error('enough');

/**
 * Looks at files that `recordCalls` wrote, compressed or not, in any order: of one process or of several.
 * @throws RecordingError for a file that is not there, or that a newer version wrote
 */
export async function loadRecording(files: string | readonly string[]): Promise<Recording> {
  const names = [...new Set(typeof files === 'string' ? [files] : files)];
  if (names.length === 0) throw new RecordingError('no recording was given');
  const loaded: RecordingFile[] = [];
  for (const file of names) {
    if (!existsSync(file)) throw new RecordingError(`there is no file ${file}`);
    const stats = statSync(file);
    if (!stats.isFile()) throw new RecordingError(`${file} is no file`);
    loaded.push({ file, bytes: stats.size, gzip: isGzip(file), header: await headerOf(file) });
  }
  if (loaded.every(({ header }) => header === undefined)) {
    throw new RecordingError(`${names.join(', ')}: no recording of recordCalls, or the beginning is lost`);
  }
  return { files: loaded.toSorted((one, other) => compare(one.header, other.header)) };
}

/** Whether a line is a header. @throws RecordingError for one of another version */
export function asHeader(line: unknown, file: string): HeaderLine | undefined {
  if (typeof line !== 'object' || line === null || !('grpcBreakerCalls' in line)) return undefined;
  const header = line as HeaderLine;
  if (header.grpcBreakerCalls !== VERSION) {
    throw new RecordingError(
      `${file} has format ${String(header.grpcBreakerCalls)}, and this version of grpc-breaker reads format ${VERSION}: use the version that wrote it, or a newer one`,
    );
  }
  const { run, part, began, horizon } = header;
  const isWhole = typeof run === 'string' && Number.isInteger(part) && Number.isFinite(began) && horizon > 0;
  return isWhole ? header : undefined;
}

async function headerOf(file: string): Promise<HeaderLine | undefined> {
  let header: HeaderLine | undefined;
  const { error } = await readLines(file, (bytes, from, to) => {
    try {
      header = asHeader(JSON.parse(bytes.toString('utf8', from, to)), file);
    } catch (thrown) {
      if (thrown instanceof RecordingError) throw thrown;
    }
    throw ENOUGH;
  });
  if (error instanceof RecordingError) throw error;
  return header;
}

/** Runs one after the other by when they began, and the files of each in their order; those without a header last. */
function compare(one: HeaderLine | undefined, other: HeaderLine | undefined): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
  if (one.run !== other.run) return one.began - other.began || (one.run < other.run ? -1 : 1);
  return one.part - other.part;
}
