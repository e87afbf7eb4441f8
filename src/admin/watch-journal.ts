import type { Encode } from './definitions.ts';

/** A part of a response, as it stands on the wire: parts of one message are written one behind the other. */
export interface Piece {
  /** The breaker that it is about; empty for none, which every watcher gets. */
  readonly name: string;
  readonly bytes: Buffer;
  /** The number of the event that it tells; undefined where it tells of none. */
  readonly sequence?: number;
}

/** What happened in one interval, serialised once for all watchers. */
export interface Batch {
  /** Its number. One more than that of the batch before it. */
  readonly number: number;
  /** The number of the last event in it, or before it. */
  readonly sequence: number;
  /** What every watcher's response begins with. */
  readonly head: Buffer;
  readonly pieces: readonly Piece[];
  /** All of it, made when the first watcher of all breakers wants it. */
  whole: Buffer | undefined;
}

/** Remembered for those who resume, or are slow. */
const MOST_BATCHES = 256;
const MOST_BYTES = 4 * 1_048_576;

/** Larger responses are divided: what clients take is 4 MB by default. */
export const LARGEST_RESPONSE = 1_048_576;

/** The last batches, bounded in number and size. */
export class WatchJournal {
  readonly #epoch: string;
  readonly #encode: Encode;
  #batches: Batch[] = [];
  #bytes = 0;
  /** The number of the last batch. */
  last = 0;

  /**
   * @param epoch - tells this process's numbers from those of another
   * @param encode - writes a WatchResponse
   */
  constructor(epoch: string, encode: Encode) {
    this.#epoch = epoch;
    this.#encode = encode;
  }

  /**
   * Adds what happened up to an event, in as many batches as its size needs.
   * @param from - the number of the last event before it
   */
  add(pieces: readonly Piece[], from: number, to: number, missed: number): void {
    let told = from;
    const before = this.last;
    const parts = divided(pieces, LARGEST_RESPONSE);
    parts.forEach((part, index) => {
      const isLast = index === parts.length - 1;
      told = isLast ? to : (part.findLast(({ sequence }) => sequence !== undefined)?.sequence ?? told);
      this.#append(part, told, isLast ? missed : 0);
    });
    // What happened last is kept whole, however much it is: nobody could have been told of it yet.
    while (this.#oldest <= before && (this.#batches.length > MOST_BATCHES || this.#bytes > MOST_BYTES)) {
      this.#bytes -= sizeOf(this.#batches.shift()?.pieces ?? []);
    }
  }

  get #oldest(): number {
    return this.#batches[0]?.number ?? Infinity;
  }

  #append(pieces: readonly Piece[], sequence: number, missed: number): void {
    const number = ++this.last;
    const head = this.#encode({ resume_token: this.token(number, sequence), sequence, missed_events: missed });
    this.#batches.push({ number, sequence, head, pieces, whole: undefined });
    this.#bytes += sizeOf(pieces);
  }

  /** Something happened that is not remembered: nobody can resume from before it. */
  forget(): void {
    this.#batches = [];
    this.#bytes = 0;
    this.last++;
  }

  /** The batch behind a number; undefined where there is none yet, `lost` where it is not remembered any more. */
  after(number: number): Batch | 'lost' | undefined {
    if (number >= this.last) return undefined;
    const [first] = this.#batches;
    if (first === undefined || number + 1 < first.number) return 'lost';
    return this.#batches[number + 1 - first.number];
  }

  /** What a watcher resumes with. */
  token(number: number, sequence: number): string {
    return `${this.#epoch}.${number}.${sequence}`;
  }

  /** The batch and the event that a token stands behind; undefined for none of this process. */
  read(token: string): { readonly number: number; readonly sequence: number } | undefined {
    const match = /^([0-9a-f]+)\.(\d{1,15})\.(\d{1,15})$/.exec(token);
    if (match?.[1] !== this.#epoch) return undefined;
    const number = Number(match[2]);
    return number > this.last ? undefined : { number, sequence: Number(match[3]) };
  }
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Pieces in parts of a bounded size; one at least. */
export function divided(pieces: readonly Piece[], mostBytes: number): Piece[][] {
  let open: Piece[] = [];
  let size = 0;
  const parts = [open];
  for (const piece of pieces) {
    if (size > 0 && size + piece.bytes.length > mostBytes) {
      open = [];
      size = 0;
      parts.push(open);
    }
    open.push(piece);
    size += piece.bytes.length;
  }
  return parts;
}

/** A batch as a response, for those who watch these names (undefined: all); undefined where nothing in it is for them. */
export function batchFor(batch: Batch, names: ReadonlySet<string> | undefined): Buffer | undefined {
  if (names === undefined) {
    batch.whole ??= Buffer.concat([batch.head, ...batch.pieces.map(({ bytes }) => bytes)]);
    return batch.whole;
  }
  const own = batch.pieces.filter(({ name }) => name === '' || names.has(name));
  return own.length === 0 ? undefined : Buffer.concat([batch.head, ...own.map(({ bytes }) => bytes)]);
}
