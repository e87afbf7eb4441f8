/** Something to measure: does its work `calls` times. Each brings a loop of its own, so that the compiler does not mix them. */
export interface Subject {
  readonly name: string;
  readonly run: (calls: number) => void | Promise<void>;
}

/** How long and by what clock to measure. */
export interface RoundsOptions {
  readonly rounds: number;
  /** About how long one subject runs at a time. */
  readonly batchMs: number;
}

/**
 * Nanoseconds of CPU time of this process: what runs beside it on the same machine does not count, and its own threads
 * that collect garbage and compile do.
 */
function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
}

/**
 * Runs the subjects by turns, A B C, C B A, A B C..., so that whatever slows the machine down for a while slows all of them;
 * compare them within a round. Each turn begins with an empty young generation: nobody pays for the garbage of others.
 */
export async function pairedRounds(subjects: readonly Subject[], options: RoundsOptions): Promise<PairedResult> {
  const { rounds, batchMs } = options;
  const calls = new Map<Subject, number>();
  for (const subject of subjects) calls.set(subject, await warmUp(subject, batchMs));
  const samples = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
  const elapsed = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? subjects : subjects.toReversed();
    for (const subject of order) {
      const count = calls.get(subject) as number;
      globalThis.gc?.({ type: 'minor', execution: 'sync' });
      const startedMs = performance.now();
      const before = cpuNs();
      await subject.run(count);
      samples.get(subject.name)?.push((cpuNs() - before) / count);
      elapsed.get(subject.name)?.push(((performance.now() - startedMs) * 1e6) / count);
    }
  }
  return new PairedResult(samples, new PairedResult(elapsed));
}

/** Doubles the calls until they take a batch's time, and once more, when the code is hot; returns how many make a batch. */
async function warmUp(subject: Subject, batchMs: number): Promise<number> {
  let calls = 1;
  for (const target of [batchMs, batchMs]) {
    let tookMs = 0;
    do {
      calls *= 2;
      const before = performance.now();
      await subject.run(calls);
      tookMs = performance.now() - before;
    } while (tookMs < target);
    calls = Math.max(1, Math.round((calls * batchMs) / tookMs / 2));
  }
  return calls * 2;
}

/** Nanoseconds a call, by subject and round. */
export class PairedResult {
  readonly #samples: ReadonlyMap<string, readonly number[]>;
  /** The same turns by the clock on the wall, for what waits for others. Idle time counts, and so does whatever else the machine is at. */
  readonly elapsed: PairedResult;

  constructor(samples: ReadonlyMap<string, readonly number[]>, elapsed?: PairedResult) {
    this.#samples = samples;
    this.elapsed = elapsed ?? this;
  }

  /** What a call of a subject took, in each round. */
  cost(name: string): readonly number[] {
    const samples = this.#samples.get(name);
    if (samples === undefined) throw new RangeError(`no subject ${name}`);
    return samples;
  }

  /** How many times as much as another one it took, in each round. */
  ratio(name: string, other: string): number[] {
    const others = this.cost(other);
    return this.cost(name).map((cost, round) => cost / (others[round] as number));
  }

  /** How much more than another one it took, in each round. */
  difference(name: string, other: string): number[] {
    const others = this.cost(other);
    return this.cost(name).map((cost, round) => cost - (others[round] as number));
  }
}
