import type { State } from '../core/state.ts';
import type { Verdict } from '../core/verdict.ts';
import { countRefused } from './count-refused.ts';
import type { NoteLine } from './format.ts';
import { recordedOutcome } from './lane-methods.ts';
import type { Ledger } from './ledger.ts';
import type { ReplayCall } from './replay-call.ts';
import { ROW } from './series.ts';

interface Parts {
  readonly ledger: Ledger;
  /** Of time 0, in milliseconds since 1970. */
  readonly beganMs: number;
  /** Of time 0, in milliseconds since the first recording began. */
  readonly offsetMs: number;
  readonly suffix: string;
}

/** What happened live, as the recording has it. What a policy that observes would have refused counts as refused: its end is known. */
export class LiveLane {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(call: ReplayCall, nowUs: number): void {
    const { ledger, suffix, offsetMs } = this.#parts;
    const own = ledger.of(`${call.breaker?.name ?? ''}${suffix}`);
    own.calls++;
    if (call.isRejected) own.refusedUnknown++;
    if (call.isRejected || call.wouldRefuse) ledger.count(ROW.refused, offsetMs + nowUs / 1000);
  }

  end(call: ReplayCall, nowUs: number): void {
    if (call.isRejected) return;
    const { ledger, suffix, offsetMs } = this.#parts;
    const own = ledger.of(`${call.breaker?.name ?? ''}${suffix}`);
    const outcome = recordedOutcome(call.kind);
    if (call.wouldRefuse) return countRefused(own, outcome);
    if (outcome === 'ignored') {
      own.ignored++;
      return;
    }
    const succeeded = outcome === 'success';
    if (succeeded) own.succeeded++;
    else own.failed++;
    ledger.count(succeeded ? ROW.succeeded : ROW.failed, offsetMs + nowUs / 1000);
  }

  note({ event }: NoteLine, nowUs: number): void {
    if (event?.type !== 'transition') return;
    const { ledger, beganMs, suffix } = this.#parts;
    const { from, to, verdict, openForMs } = event as { from?: State; to?: State; verdict?: Verdict; openForMs?: number | null };
    if (from === undefined || to === undefined || verdict === undefined) return;
    const change = { from, to, verdict, openForMs: openForMs ?? null };
    ledger.changed(ledger.of(`${String(event.breaker)}${suffix}`), change, beganMs + nowUs / 1000);
  }
}
