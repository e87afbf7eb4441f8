import type { Attributes, UpDownCounter } from '@opentelemetry/api';

/** A series of a metric, as far as it is the same for every breaker. */
export interface Line {
  /** Tells it from the others of a breaker. */
  readonly key: string;
  readonly attributes: Attributes;
}

/** Makes a line with one attribute. */
export function line(metric: string, attribute: string, value: string): Line {
  return { key: `${metric} ${value}`, attributes: { [attribute]: value } };
}

/** What was told of each number: an instrument is added what is new since. So those who share a series make its sum. */
export class Told {
  readonly #common: Attributes;
  readonly #told = new Map<string, number>();

  /** @param common - attributes of all lines */
  constructor(common: Attributes) {
    this.#common = common;
  }

  /** Tells how a number stands. The first time a 0 is told too, so that there is a series whose rise can be seen. */
  tell(instrument: Pick<UpDownCounter, 'add'>, { key, attributes }: Line, total: number): void {
    const told = this.#told.get(key);
    if (told === total) return;
    instrument.add(total - (told ?? 0), { ...this.#common, ...attributes });
    this.#told.set(key, total);
  }
}
