import type { Mode } from '../core/state.ts';
import type { Policy } from '../policy/policy.ts';
import { backtestNotes } from './backtest-notes.ts';
import type { BacktestLane, BacktestResult, RecordingProblem } from './backtest-result.ts';
import { EventOrder } from './event-order.ts';
import { type HeaderLine, HORIZON_US } from './format.ts';
import { type LanePolicy, toLanePolicy } from './lane-policy.ts';
import { Ledger } from './ledger.ts';
import { LiveDraws } from './live-draws.ts';
import { LiveLane } from './live-lane.ts';
import { asHeader, loadRecording, type Recording } from './load-recording.ts';
import { MOST_NUMBERS, parseNumbers } from './parse-numbers.ts';
import { seededRandom } from './random.ts';
import { readLines } from './read-lines.ts';
import { RecordingError } from './recording-error.ts';
import { Replay } from './replay.ts';
import { ReplayLane } from './replay-lane.ts';
import { type ReadCounts, RunReader } from './run-reader.ts';

const OPEN_BRACKET = 91;

/** Bad lines that are told one by one. */
const MOST_PROBLEMS = 10;

/** What is replayed, and under which policies. */
export interface BacktestOptions {
  /** The policy that is tried, as from `loadPolicy`. */
  readonly policy: Policy;
  /** Another one, side by side. @default none */
  readonly against?: Policy;
  /** Files of `recordCalls`, compressed or not, or what `loadRecording` made of them. */
  readonly recordings: string | readonly string[] | Recording;
  /** For jitter and shedding. The same one gives the same result. @default 1 */
  readonly seed?: number;
}

interface Tried extends LanePolicy {
  readonly name: 'policy' | 'against';
  readonly ledger: Ledger;
}

/** A run of which lines come. */
interface Run {
  readonly header: HeaderLine;
  readonly order: EventOrder;
  readonly reader: RunReader;
}

/**
 * Replays recorded calls through real breakers of another policy: what would have tripped, which calls would have been refused in vain, and which failures
 * would have been avoided. Lines that cannot be read are reported, and the rest is used. Reads at the speed of the disk, and keeps no more in memory than the calls
 * of a second, those under way, and the counts.
 * @throws ConfigError for a policy that is wrong
 * @throws RecordingError for files that are no recording or of another version, and for a policy whose keys need what is not recorded
 */
export async function backtest({ policy, against, recordings, seed = 1 }: BacktestOptions): Promise<BacktestResult> {
  const tried: Tried[] = [{ name: 'policy', ledger: new Ledger(), ...toLanePolicy(policy) }];
  if (against !== undefined) tried.push(besides(tried, { name: 'against', ledger: new Ledger(), ...toLanePolicy(against) }));
  const isLoaded = typeof recordings === 'object' && 'files' in recordings;
  const { files } = isLoaded ? recordings : await loadRecording(recordings);
  return await new Backtest(tried, files, seed).run();
}

/** Two policies are to be told apart. */
function besides(others: readonly Tried[], tried: Tried): Tried {
  return others.some(({ title }) => title === tried.title) ? { ...tried, title: `${tried.title} (against)` } : tried;
}

class Backtest {
  readonly #tried: readonly Tried[];
  readonly #files: Recording['files'];
  readonly #seed: number;
  readonly #live = new Ledger();
  readonly #counts: ReadCounts = { calls: 0, refused: 0, withoutStart: 0, dropped: 0, modes: new Set() };
  readonly #problems: RecordingProblem[] = [];
  readonly #numbers = new Float64Array(MOST_NUMBERS);
  readonly #fromMs: number;
  readonly #runs: number;
  readonly #done = new Set<string>();
  readonly #missing: string[] = [];
  #toMs: number;
  #bad = 0;
  #withoutEnd = 0;
  #late = 0;
  #run: Run | undefined;
  #lastPart = -1;

  constructor(tried: readonly Tried[], files: Recording['files'], seed: number) {
    this.#tried = tried;
    this.#files = files;
    this.#seed = seed;
    const headers = files.flatMap(({ header }) => header ?? []);
    this.#fromMs = Math.min(...headers.map(({ began }) => began));
    this.#toMs = this.#fromMs;
    this.#runs = new Set(headers.map(({ run }) => run)).size;
  }

  async run(): Promise<BacktestResult> {
    for (const { file } of this.#files) {
      const { error, isCut, lines } = await readLines(file, (bytes, from, to, line) => this.#line(file, bytes, from, to, line));
      if (error instanceof RecordingError) throw error;
      if (error !== undefined) this.#problems.push({ file, line: lines, message: `cannot be read further: ${error.message}` });
      else if (isCut) this.#problems.push({ file, line: lines, message: 'breaks off: what came before is used' });
    }
    this.#endRun();
    return this.#result();
  }

  #line(file: string, bytes: Buffer, from: number, to: number, line: number): void {
    if (to <= from) return;
    let problem: string | undefined;
    if (bytes[from] === OPEN_BRACKET) {
      const count = parseNumbers(bytes, from, to, this.#numbers);
      problem =
        count < 0 ? 'is no line of a recording' : (this.#run ?? this.#begin(undefined)).reader.numbers(this.#numbers, count);
    } else problem = this.#object(file, bytes.toString('utf8', from, to));
    if (problem !== undefined && ++this.#bad <= MOST_PROBLEMS) this.#problems.push({ file, line, message: problem });
  }

  #object(file: string, text: string): string | undefined {
    if (text.trim() === '') return undefined;
    let line: unknown;
    try {
      line = JSON.parse(text);
    } catch {
      return 'is no line of a recording';
    }
    const header = asHeader(line, file);
    if (header === undefined) return (this.#run ?? this.#begin(undefined)).reader.object(line);
    if (this.#run?.header.run !== header.run) this.#begin(header);
    if (header.part > this.#lastPart + 1) {
      this.#missing.push(
        this.#lastPart < 0 ? `begins with its part ${header.part + 1}` : `has no parts ${this.#lastPart + 2} to ${header.part}`,
      );
    }
    this.#lastPart = Math.max(this.#lastPart, header.part);
    return undefined;
  }

  #begin(given: HeaderLine | undefined): Run {
    this.#endRun();
    const unknown = { grpcBreakerCalls: 1, run: '', part: 0, began: this.#fromMs, horizon: HORIZON_US, causes: [], reasons: [] };
    const header = given ?? unknown;
    this.#done.add(header.run);
    this.#lastPart = -1;
    const draws = new LiveDraws();
    const beganMs = header.began;
    const suffix = Math.max(this.#runs, this.#done.size) > 1 ? ` (process ${this.#done.size})` : '';
    const parts = { draws, beganMs, offsetMs: beganMs - this.#fromMs, suffix };
    const lanes = this.#tried.map((policy, slot) => {
      return new ReplayLane({ ...parts, policy, ledger: policy.ledger, random: seededRandom(this.#seed), slot });
    });
    const replay = new Replay(new LiveLane({ ...parts, ledger: this.#live }), lanes, draws);
    const order = new EventOrder(replay, lanes.length, header.horizon);
    this.#run = { header, order, reader: new RunReader(order, draws, this.#counts) };
    return this.#run;
  }

  #endRun(): void {
    const { order, header } = this.#run ?? {};
    if (order === undefined || header === undefined) return;
    order.finish();
    this.#withoutEnd += order.unfinished;
    this.#late += order.late;
    const endMs = header.began + order.latestUs / 1000;
    this.#toMs = Math.max(this.#toMs, endMs);
    for (const ledger of [this.#live, ...this.#tried.map((tried) => tried.ledger)]) ledger.runEnded(endMs);
    this.#run = undefined;
  }

  #result(): BacktestResult {
    const ledgers = [this.#live, ...this.#tried.map(({ ledger }) => ledger)];
    const bucketMs = Math.max(...ledgers.map(({ series }) => series.widthMs));
    const lanes: BacktestLane[] = [
      this.#live.toLane('live', 'as it happened', bucketMs),
      ...this.#tried.map(({ name, title, ledger }) => ledger.toLane(name, title, bucketMs)),
    ];
    const { modes, ...counts } = this.#counts;
    const recording = {
      files: this.#files.map(({ file }) => file),
      runs: this.#done.size,
      from: this.#fromMs,
      to: this.#toMs,
      ...counts,
      withoutEnd: this.#withoutEnd,
      badLines: this.#bad,
      problems: this.#problems,
      modes: [...modes] as Mode[],
    };
    const notes = backtestNotes(recording, lanes, this.#tried, this.#missing, this.#late);
    return { recording, lanes, bucketMs, notes };
  }
}
