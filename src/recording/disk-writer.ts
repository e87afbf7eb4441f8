import { appendFileSync, statSync } from 'node:fs';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';
import { LineChunk } from './line-chunk.ts';

/** How much is written at a time, in bytes. */
const CHUNK = 65_536;

/** What it writes to, and how much of it. */
export interface DiskOptions {
  readonly file: string;
  /** Bytes after which another file is begun. */
  readonly maxSize: number;
  /** Files beside the one that is written to. */
  readonly keep: number;
  readonly gzip: boolean;
  /** Bytes that may wait for the disk. */
  readonly buffer: number;
}

/**
 * Writes chunks to a file that rotates, one after the other, and keeps no more of them waiting than it may: {@link DiskWriter.current} is undefined
 * while the disk is too slow.
 */
export class DiskWriter {
  readonly #options: DiskOptions;
  readonly #onError: (error: unknown) => void;
  readonly #stream: RotatingFileStream;
  readonly #chunkSize: number;
  readonly #free: LineChunk[] = [];
  readonly #full: LineChunk[] = [];
  #allocated = 0;
  #writing: LineChunk | undefined;
  /** As the file will be when all that waits is written. */
  #partBytes: number;
  #startsPart = true;
  /** Its file was there before, and may end in half a line. */
  readonly continues: boolean;
  /** As the file is now, without what is on its way to it. */
  #fileBytes: number;
  #isExiting = false;
  #idle: (() => void) | undefined;
  #hasFailed = false;
  /** Where lines go; undefined while there is no room. */
  current: LineChunk | undefined;
  /** Bytes on disk. */
  written = 0;

  /** @param onError - the disk failed: nothing more will be written */
  constructor(options: DiskOptions, onError: (error: unknown) => void) {
    this.#options = options;
    this.#onError = onError;
    this.#chunkSize = Math.min(CHUNK, Math.floor(options.maxSize / 4));
    // A file of before is gone on with, or rotated away: as the stream does it.
    const before = statSync(options.file, { throwIfNoEntry: false })?.size ?? 0;
    this.#partBytes = before >= options.maxSize ? 0 : before;
    this.#fileBytes = this.#partBytes;
    this.continues = this.#partBytes > 0;
    const stem = options.file.replace(/\.[^./\\]*$/, '');
    const ending = options.file.slice(stem.length) + (options.gzip ? '.gz' : '');
    this.#stream = createStream(
      (index) => (index === null ? options.file : index === 0 ? options.file : `${stem}.${Number(index)}${ending}`),
      {
        size: `${options.maxSize}B`,
        rotate: options.keep,
        ...(options.gzip && { compress: 'gzip' as const }),
      },
    );
    this.#stream.on('error', (error) => this.#fail(error));
    this.#take();
  }

  /** Nothing can be written any more. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Makes sure that a line of numbers has room, where there is any; true when another file begins with it. */
  reserve(): void {
    if (this.current?.hasRoom === false) this.seal();
    if (this.current === undefined) this.#take();
  }

  /** What is there goes to disk. */
  seal(): void {
    const { current } = this;
    if (current === undefined || current.isEmpty) return;
    this.#full.push(current);
    this.#partBytes += current.bytes.length;
    if (this.#partBytes >= this.#options.maxSize) {
      this.#partBytes = 0;
      this.#startsPart = true;
    }
    this.current = undefined;
    this.#pump();
    this.#take();
  }

  /** Waits until all that was sealed is on disk, or will never be. */
  async drained(): Promise<void> {
    if (this.#hasFailed || (this.#writing === undefined && this.#full.length === 0)) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  /** Closes the file. */
  async close(): Promise<void> {
    this.seal();
    await this.drained();
    if (this.#hasFailed) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('error', () => resolve());
      this.#stream.end(resolve);
    });
  }

  /** Writes what waits at once: the process ends. Of what is on its way to disk, that which is not there yet. */
  saveAtExit(finish: () => void): void {
    if (this.#hasFailed) return;
    this.#isExiting = true;
    finish();
    const { file } = this.#options;
    const onItsWay = this.#writing?.bytes ?? new Uint8Array();
    const there = (statSync(file, { throwIfNoEntry: false })?.size ?? 0) - this.#fileBytes;
    const missing = onItsWay.subarray(Math.max(0, there));
    appendFileSync(file, Buffer.concat([missing, ...this.#full.map(({ bytes }) => bytes)]));
    this.#full.length = 0;
  }

  #take(): void {
    if (this.#hasFailed) return;
    let chunk = this.#free.pop();
    if (chunk === undefined) {
      if ((this.#allocated + 1) * this.#chunkSize > this.#options.buffer && this.#allocated > 1) return;
      this.#allocated++;
      chunk = new LineChunk(this.#chunkSize);
    }
    chunk.clear();
    chunk.startsPart = this.#startsPart;
    this.#startsPart = false;
    this.current = chunk;
  }

  #pump(): void {
    if (this.#writing !== undefined || this.#isExiting) return;
    const chunk = this.#full.shift();
    if (chunk === undefined) return this.#rest();
    this.#writing = chunk;
    const { length } = chunk.bytes;
    this.#stream.write(chunk.bytes, (error) => {
      this.#writing = undefined;
      if (error !== null && error !== undefined) return this.#fail(error);
      this.written += length;
      this.#fileBytes = this.#fileBytes + length >= this.#options.maxSize ? 0 : this.#fileBytes + length;
      this.#free.push(chunk);
      this.#pump();
    });
  }

  #rest(): void {
    this.#idle?.();
    this.#idle = undefined;
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.current = undefined;
    this.#full.length = 0;
    this.#rest();
    this.#onError(error);
  }
}
