import type { BatchObservableResult } from '@opentelemetry/api';
import type { PolicyEvent } from '../policy/policy-event.ts';
import type { Instruments } from './instruments.ts';
import { ATTRIBUTES } from './names.ts';
import { line, Told } from './told.ts';

const RESULTS = (['applied', 'refused'] as const satisfies readonly PolicyEvent['result'][]).map(
  (result) => [result, line('reloads', ATTRIBUTES.policyResult, result)] as const,
);

/** The series of the policy: how often another one came, and whether the newest one holds. */
export class PolicySeries {
  readonly #counts: Record<PolicyEvent['result'], number> = { applied: 0, refused: 0 };
  #isUpToDate = true;
  #told = new Told({});

  /** Another policy came. */
  add({ result }: Pick<PolicyEvent, 'result'>): void {
    this.#counts[result]++;
    this.#isUpToDate = result === 'applied';
  }

  /** Tells how often. */
  report({ policyReloads }: Instruments): void {
    for (const [result, series] of RESULTS) this.#told.tell(policyReloads, series, this.#counts[result]);
  }

  /** Tells whether the newest policy holds. A gauge: when its breakers are gone, it says nothing, rather than no. */
  observe({ policyUpToDate }: Instruments, result: BatchObservableResult): void {
    result.observe(policyUpToDate, this.#isUpToDate ? 1 : 0);
  }

  /** There is another SDK, which was told nothing yet. */
  forget(): void {
    this.#told = new Told({});
  }
}
