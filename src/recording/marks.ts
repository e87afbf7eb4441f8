import type { RecordedCall } from '../policy/call-recorder.ts';
import type { Known } from './dictionary.ts';

/** So many marks that are not needed wait for the next calls. */
const SPARE = 4_096;

/** What is known of a call under way. */
export class Mark {
  call: RecordedCall | undefined;
  known: Known;
  startUs: number;
  deadlineUs: number;
  wouldRefuse: boolean;
  /** The random number that let it through, in billionths; NaN for none. */
  drawn: number = Number.NaN;
  /** Its number among those that were written as under way; 0 for none. */
  long = 0;
  previous: Mark | undefined;
  next: Mark | undefined;
  isListed = false;

  constructor(known: Known, startUs: number, deadlineUs: number, wouldRefuse: boolean) {
    this.known = known;
    this.startUs = startUs;
    this.deadlineUs = deadlineUs;
    this.wouldRefuse = wouldRefuse;
  }
}

/** Calls under way in the order of their starts, without those that were written as under way. */
export class MarkList {
  readonly #spare: Mark[] = [];
  #newest: Mark | undefined;
  oldest: Mark | undefined;

  /** A call begins. */
  add(call: RecordedCall, known: Known, startUs: number, deadlineUs: number, wouldRefuse: boolean): Mark {
    const mark = this.#spare.pop() ?? new Mark(known, startUs, deadlineUs, wouldRefuse);
    mark.call = call;
    mark.known = known;
    mark.startUs = startUs;
    mark.deadlineUs = deadlineUs;
    mark.wouldRefuse = wouldRefuse;
    mark.long = 0;
    mark.isListed = true;
    mark.previous = this.#newest;
    if (this.#newest === undefined) this.oldest = mark;
    else this.#newest.next = mark;
    this.#newest = mark;
    return mark;
  }

  /** It has ended, or was written as under way. */
  remove(mark: Mark): void {
    if (!mark.isListed) return;
    const { previous, next } = mark;
    if (previous === undefined) this.oldest = next;
    else previous.next = next;
    if (next === undefined) this.#newest = previous;
    else next.previous = previous;
    mark.previous = undefined;
    mark.next = undefined;
    mark.isListed = false;
  }

  /** Nobody needs it any more. */
  release(mark: Mark): void {
    mark.call = undefined;
    if (this.#spare.length < SPARE) this.#spare.push(mark);
  }
}
