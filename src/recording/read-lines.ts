import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';

const NEWLINE = 10;

/** What is read at a time, in bytes. */
const BLOCK = 262_144;

/** A longer line is none of a recording. */
const LONGEST_LINE = 1_048_576;

/** Takes a line in: its place in the bytes, without its end, and its number from 1 on. */
export type LineTaker = (bytes: Buffer, from: number, to: number, line: number) => void;

/** How the reading of a file ended. */
export interface FileEnd {
  /** Lines, with the last one where it has no end. */
  readonly lines: number;
  /** The last line has no end, or compressed data break off: something is missing behind it. */
  readonly isCut: boolean;
  /** What went wrong: what came before it was read. */
  readonly error: Error | undefined;
}

/** Whether a file is compressed, by its first bytes. */
export function isGzip(file: string): boolean {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(2);
    return readSync(handle, bytes, 0, 2, 0) === 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
  } finally {
    closeSync(handle);
  }
}

/** Reads a file line by line, compressed or not. @throws what opening it throws */
export async function readLines(file: string, take: LineTaker): Promise<FileEnd> {
  const source = createReadStream(file, { highWaterMark: BLOCK });
  let stream: Readable = source;
  if (isGzip(file)) {
    // A file that breaks off gives what came.
    const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: BLOCK });
    source.once('error', (error) => gunzip.destroy(error));
    stream = source.pipe(gunzip);
  }
  let rest: Buffer | undefined;
  let lines = 0;
  let failure: Error | undefined;
  return await new Promise<FileEnd>((resolve) => {
    const done = (error: Error | undefined): void => {
      const isCut = rest !== undefined && rest.length > 0;
      try {
        if (isCut && failure === undefined) take(rest as Buffer, 0, (rest as Buffer).length, ++lines);
      } catch (thrown) {
        failure = thrown as Error;
      }
      rest = undefined;
      resolve({ lines, isCut: isCut || error !== undefined, error: failure ?? error });
    };
    stream.on('data', (block: Buffer) => {
      if (failure !== undefined) return;
      const bytes: Buffer = rest === undefined ? block : Buffer.concat([rest, block]);
      let from = 0;
      try {
        for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
          take(bytes, from, to, ++lines);
          from = to + 1;
        }
      } catch (error) {
        failure = error as Error;
        source.destroy();
        stream.destroy();
        return done(failure);
      }
      rest = from < bytes.length ? bytes.subarray(from) : undefined;
      // Not a recording, or its ends of lines are gone: it is not to fill the memory.
      if (rest !== undefined && rest.length > LONGEST_LINE) rest = rest.subarray(0, 0);
    });
    stream.once('end', () => done(undefined));
    stream.once('error', (error) => done(error));
  });
}
