/** Whether calls pass: `closed` all, `open` none, `halfOpen` a few trials. */
export type State = 'closed' | 'open' | 'halfOpen';

/** What the breaker does with its judgement: `enforce` it, `observe` (judge and report, refuse nothing), or `off`. */
export type Mode = 'enforce' | 'observe' | 'off';

/** A person's decision that stands above the breaker's own judgement. */
export type Override = 'forcedOpen' | 'forcedClosed';

/** Why a call was refused: the breaker is `open`, `halfOpen` with all trials handed out, or `forced` open by a person. */
export type RejectionReason = 'open' | 'halfOpen' | 'forced';
