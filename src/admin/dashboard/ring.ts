/** Buckets of numbers over the last time, the oldest of which is written over: bounded, and allocated once. */
export class Ring {
  /** Length of a bucket, in milliseconds. */
  readonly bucketMs: number;
  readonly #buckets: number;
  readonly #fields: number;
  readonly #values: Float32Array;
  /** The number of the newest bucket, counted from time 0; -1 before the first. */
  #newest = -1;

  /**
   * @param bucketMs - length of a bucket
   * @param buckets - how many are kept
   * @param fields - numbers in each
   */
  constructor(bucketMs: number, buckets: number, fields: number) {
    this.bucketMs = bucketMs;
    this.#buckets = buckets;
    this.#fields = fields;
    this.#values = new Float32Array(buckets * fields).fill(Number.NaN);
  }

  /** Goes to the bucket of a time. Buckets that were jumped over stay empty (NaN). */
  moveTo(atMs: number): void {
    const bucket = Math.floor(atMs / this.bucketMs);
    if (bucket <= this.#newest) return;
    const steps = this.#newest < 0 ? this.#buckets : Math.min(bucket - this.#newest, this.#buckets);
    for (let number = bucket - steps + 1; number <= bucket; number++) {
      const start = this.#start(number);
      this.#values.fill(Number.NaN, start, start + this.#fields);
    }
    this.#newest = bucket;
  }

  /** Adds to a field of the newest bucket. */
  add(field: number, amount: number): void {
    const at = this.#start(this.#newest) + field;
    const before = this.#values[at] ?? Number.NaN;
    this.#values[at] = Number.isNaN(before) ? amount : before + amount;
  }

  /** Sets a field of the newest bucket. */
  set(field: number, value: number): void {
    this.#values[this.#start(this.#newest) + field] = value;
  }

  /** The larger one stays in a field of the newest bucket. */
  raise(field: number, value: number): void {
    const at = this.#start(this.#newest) + field;
    const before = this.#values[at] ?? Number.NaN;
    if (!(before >= value)) this.#values[at] = value;
  }

  /** What a field adds up to. */
  sum(field: number): number {
    let total = 0;
    for (let at = field; at < this.#values.length; at += this.#fields) {
      const value = this.#values[at] ?? Number.NaN;
      if (!Number.isNaN(value)) total += value;
    }
    return total;
  }

  /** How much time of it has been seen, in milliseconds: a ring that is new has seen less. */
  seenMs(): number {
    let filled = 0;
    for (let at = 0; at < this.#values.length; at += this.#fields) {
      if (!Number.isNaN(this.#values[at] ?? Number.NaN)) filled++;
    }
    return filled * this.bucketMs;
  }

  /** A field from the oldest bucket to the newest; null where nothing is known. */
  read(field: number): (number | null)[] {
    return Array.from({ length: this.#buckets }, (_, index) => {
      const value = this.#values[this.#start(this.#newest - this.#buckets + 1 + index) + field] ?? Number.NaN;
      return Number.isFinite(value) ? value : null;
    });
  }

  /** When the oldest bucket began, in milliseconds. */
  get startsMs(): number {
    return (this.#newest - this.#buckets + 1) * this.bucketMs;
  }

  #start(bucket: number): number {
    return (((bucket % this.#buckets) + this.#buckets) % this.#buckets) * this.#fields;
  }
}
