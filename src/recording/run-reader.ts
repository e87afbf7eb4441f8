import type { EventOrder } from './event-order.ts';
import {
  ANSWERED,
  type BreakerLine,
  CAUSES,
  DRAWN,
  KIND,
  NO_DEADLINE,
  type NoteLine,
  type PolicyLine,
  REASONS,
  UNDER_WAY,
  WOULD_REFUSE,
} from './format.ts';
import { configText } from './lane-policy.ts';
import type { LiveDraws } from './live-draws.ts';
import type { RecordedBreaker, ReplayCall } from './replay-call.ts';

/** A line that is so far from the others in time is damaged, unless the next one is there too. In microseconds. */
const FAR_AHEAD_US = 90_000_000;
const FAR_BEHIND_US = 60_000_000;

const UNCLEAR = KIND.ignored + CAUSES.indexOf('classified');

/** What is counted while a run is read. */
export interface ReadCounts {
  calls: number;
  refused: number;
  withoutStart: number;
  dropped: number;
  readonly modes: Set<string>;
}

/** Reads the lines of one recorder into calls and notes. */
export class RunReader {
  readonly #order: EventOrder;
  readonly #draws: LiveDraws;
  readonly #counts: ReadCounts;
  readonly #breakers: (RecordedBreaker | undefined)[] = [];
  readonly #policies = new Map<number, PolicyLine>();
  #isFar = false;

  constructor(order: EventOrder, draws: LiveDraws, counts: ReadCounts) {
    this.#order = order;
    this.#draws = draws;
    this.#counts = counts;
  }

  /**
   * Takes a line of numbers in.
   * @returns what is wrong with it, undefined for nothing
   */
  numbers(numbers: Float64Array, count: number): string | undefined {
    const first = numbers[0] as number;
    const atUs = numbers[1] as number;
    const third = numbers[2] as number;
    if (count < 3 || !(first >= 0) || !(atUs >= 0)) return 'is no call';
    if (third === ANSWERED) return this.#answered(numbers, count);
    const breaker = this.#breakers[first];
    if (breaker === undefined) return `names breaker ${first}, which no line before it describes`;
    if (third === UNDER_WAY) return this.#underWay(breaker, numbers, count);
    if (third >= 0) return this.#ended(breaker, numbers, count);
    return -1 - third < REASONS.length ? this.#rejected(breaker, atUs, given(numbers[3], count, 3)) : 'is no call';
  }

  /** Takes any other line in, but a header. */
  object(line: unknown): string | undefined {
    if (typeof line !== 'object' || line === null) return 'is no line of a recording';
    if ('breaker' in line && 'name' in line) return this.#describe(line as BreakerLine);
    if ('policy' in line && 'breaker' in line) {
      const policy = line as PolicyLine;
      this.#policies.set(policy.policy, policy);
      const { mode } = (policy.breaker ?? {}) as { mode?: unknown };
      if (typeof mode === 'string') this.#counts.modes.add(mode);
      return undefined;
    }
    if ('t' in line && typeof line.t === 'number') return this.#note(line as NoteLine);
    return 'is no line of a recording';
  }

  #describe(line: BreakerLine): string | undefined {
    const { breaker, name, target, method, key } = line;
    const isWhole =
      [name, target, method, key].every((text) => typeof text === 'string') && Number.isInteger(breaker) && breaker >= 0;
    if (!isWhole || breaker > 100_000_000) return 'is no line of a recording';
    const policy = this.#policies.get(line.policy);
    const config = policy === undefined ? '' : configText(policy.breaker as object);
    this.#breakers[breaker] = { ...line, keyParts: policy?.key ?? null, config };
    return undefined;
  }

  #note(note: NoteLine): string | undefined {
    if (this.#isOff(note.t)) return 'has a time far from that of the lines around it';
    this.#counts.dropped += note.dropped ?? 0;
    const late = note.stall ?? note.tick;
    if (late !== undefined) this.#draws.stalled({ fromUs: note.t - late, toUs: note.t });
    if (note.drawn !== undefined) this.#draws.drew(String(note.event?.breaker), note.t, note.drawn);
    this.#order.note(note);
    return undefined;
  }

  #ended(breaker: RecordedBreaker, numbers: Float64Array, count: number): string | undefined {
    const [, startUs = 0, tookUs = 0, code = 0, kind = -1, latency, asked, deadline, pushback, long, drawn] = numbers;
    if (count < 5 || !(kind >= 0) || (kind & ~WOULD_REFUSE) > 31 || !(code >= -1)) return 'is no call';
    const endUs = startUs + tookUs;
    if (this.#isOff(endUs)) return 'has a time far from that of the lines around it';
    const longOne = given(long, count, 9);
    const known = longOne === undefined ? undefined : this.#order.longOf(longOne);
    this.#counts.calls++;
    if (longOne !== undefined && known === undefined) {
      this.#counts.withoutStart++;
      return undefined;
    }
    const call = known ?? this.#order.make();
    this.#begin(call, breaker, startUs, given(asked, count, 6) ?? 0, deadlineOf(breaker, given(deadline, count, 7)));
    call.drawn = (given(drawn, count, 10) ?? Number.NaN) / DRAWN;
    call.endUs = endUs;
    call.code = code;
    const plain = kind & ~WOULD_REFUSE;
    call.kind = plain < KIND.ignored + CAUSES.length ? plain : UNCLEAR;
    call.wouldRefuse = (kind & WOULD_REFUSE) !== 0;
    call.latencyUs = given(latency, count, 5) ?? Number.NaN;
    call.pushbackUs = given(pushback, count, 8) ?? 0;
    if (known === undefined) this.#order.ended(call);
    else this.#order.longEnded(call);
    return undefined;
  }

  #underWay(breaker: RecordedBreaker, numbers: Float64Array, count: number): string | undefined {
    const [, startUs = 0, , long = 0, asked = 0, latency = -1, deadline = NO_DEADLINE, drawn] = numbers;
    if (count < 7) return 'is no call';
    if (startUs > this.#order.latestUs + FAR_AHEAD_US) return 'has a time far from that of the lines around it';
    const call = this.#order.make();
    this.#begin(call, breaker, startUs, asked, deadlineOf(breaker, deadline));
    call.latencyUs = latency;
    call.drawn = (given(drawn, count, 7) ?? Number.NaN) / DRAWN;
    this.#order.underWay(long, call);
    return undefined;
  }

  #answered(numbers: Float64Array, count: number): string | undefined {
    const [long = 0, atUs = 0, , latency = -1] = numbers;
    if (count !== 4) return 'is no call';
    if (this.#isOff(atUs)) return 'has a time far from that of the lines around it';
    this.#order.longAnswered(long, atUs, latency);
    return undefined;
  }

  #rejected(breaker: RecordedBreaker, atUs: number, drawn = Number.NaN): string | undefined {
    if (this.#isOff(atUs)) return 'has a time far from that of the lines around it';
    const call = this.#order.make();
    this.#begin(call, breaker, atUs, 0, deadlineOf(breaker, undefined));
    call.endUs = atUs;
    call.isRejected = true;
    call.drawn = drawn / DRAWN;
    this.#counts.calls++;
    this.#counts.refused++;
    this.#order.ended(call);
    return undefined;
  }

  #begin(call: ReplayCall, breaker: RecordedBreaker, startUs: number, askedUs: number, deadlineUs: number): void {
    call.breaker = breaker;
    call.startUs = startUs;
    call.askedUs = startUs + askedUs;
    call.deadlineUs = deadlineUs;
  }

  /** A digit too many would move everything. While nothing happens the recorder says so each minute; after a sleep the second line is believed. */
  #isOff(timeUs: number): boolean {
    const { latestUs } = this.#order;
    if (timeUs < latestUs - FAR_BEHIND_US) return true;
    const isFar = timeUs > latestUs + FAR_AHEAD_US;
    const isBelieved = !isFar || this.#isFar;
    this.#isFar = isFar && !isBelieved;
    return !isBelieved;
  }
}

function given(value: number | undefined, count: number, place: number): number | undefined {
  return place < count && value !== undefined && !Number.isNaN(value) ? value : undefined;
}

function deadlineOf(breaker: RecordedBreaker, own: number | undefined): number {
  const deadlineUs = own ?? breaker.deadline ?? NO_DEADLINE;
  return deadlineUs === NO_DEADLINE ? Infinity : deadlineUs;
}
