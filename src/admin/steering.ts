import type { Breaker } from '../core/breaker.ts';
import { silence } from '../core/silence.ts';
import type { Mode, Override } from '../core/state.ts';
import type { Administered } from '../policy/administered.ts';
import type { PolicyEvent } from '../policy/policy-event.ts';
import type { WarningHandler } from '../policy/ports.ts';
import { type Admitted, checkMayWrite } from './access.ts';
import { invalidField } from './admin-error.ts';
import type { AdminAction, AuditRecord } from './audit.ts';
import { type ExpiryLimits, readExpiry, readReason } from './change-request.ts';
import { findBreaker } from './find-breaker.ts';
import { plainText } from './plain-text.ts';
import { PolicyDesk, type PolicyRequest } from './policy-desk.ts';

/** Refused policies have many problems; a log entry has bounds. */
const LONGEST_PROBLEM = 2_000;

/** A change of one breaker, as it was asked for. */
export interface ChangeRequest {
  readonly name: string;
  readonly reason: string;
  /** Milliseconds; undefined for the default. */
  readonly expiryMs?: number | undefined;
}

/** What changes are made with. */
export interface SteeringParts {
  readonly breakers: Administered;
  readonly expiry: ExpiryLimits;
  readonly wallClockNow: () => number;
  /** Hears of each change that was asked for. What it throws is a warning. */
  readonly audit: (record: AuditRecord) => unknown;
  readonly onWarning: WarningHandler;
}

/**
 * Every change that a person makes, by the admin service or the dashboard: permission, reason and expiry are checked, and each is told to the audit,
 * with who asked for it, also when it is refused. All throw AdminError.
 */
export class Steering {
  readonly #parts: SteeringParts;
  readonly #policies: PolicyDesk;

  constructor(parts: SteeringParts) {
    this.#parts = parts;
    this.#policies = new PolicyDesk(parts);
  }

  /** Refuses every call of a breaker. */
  forceOpen(caller: Admitted, request: ChangeRequest): Breaker {
    return this.#override(caller, 'ForceOpen', 'forcedOpen', request);
  }

  /** Refuses no call of a breaker. */
  forceClosed(caller: Admitted, request: ChangeRequest): Breaker {
    return this.#override(caller, 'ForceClosed', 'forcedClosed', request);
  }

  /** Gives a breaker back to its own judgement and to its policy's mode. */
  release(caller: Admitted, request: ChangeRequest): Breaker {
    return this.#change(caller, 'Release', request, undefined, (breaker, reason) => {
      breaker.override(null, { reason });
      breaker.setMode(null, { reason });
    });
  }

  /** Makes a breaker as new. */
  reset(caller: Admitted, request: ChangeRequest): Breaker {
    return this.#change(caller, 'Reset', request, undefined, (breaker, reason) => breaker.reset(reason));
  }

  /** Sets the mode of one breaker; undefined is refused. */
  setMode(caller: Admitted, request: ChangeRequest, mode: Mode | undefined): Breaker {
    const expiryMs = () => readExpiry(request.expiryMs, this.#parts.expiry);
    const set = (breaker: Breaker, reason: string, forMs: number) => {
      if (mode === undefined)
        throw invalidField('mode', 'is missing; expected enforce, observe or off. Release goes back to the mode of the policy');
      breaker.setMode(mode, { reason, forMs });
    };
    return this.#change(caller, 'SetMode', request, expiryMs, set, mode);
  }

  /** Puts another policy in place. */
  reloadPolicy(caller: Admitted, request: PolicyRequest): PolicyEvent {
    const asked = { name: '', reason: request.reason };
    return this.#audited(caller, 'ReloadPolicy', asked, (record) => {
      const reason = readReason(request.reason);
      const event = this.#policies.reload(caller, request, (expiryMs) => record({ expiryMs }));
      record({ reason });
      return event;
    });
  }

  /** Looks at a policy without putting it in place. */
  checkPolicy(caller: Admitted, document: string): void {
    checkMayWrite(caller);
    this.#policies.check(caller, document);
  }

  #override(caller: Admitted, action: AdminAction, override: Override, request: ChangeRequest): Breaker {
    const expiryMs = () => readExpiry(request.expiryMs, this.#parts.expiry);
    return this.#change(caller, action, request, expiryMs, (breaker, reason, forMs) =>
      breaker.override(override, { reason, forMs }),
    );
  }

  #change(
    caller: Admitted,
    action: AdminAction,
    request: ChangeRequest,
    expiry: (() => number) | undefined,
    apply: (breaker: Breaker, reason: string, forMs: number) => void,
    mode?: Mode,
  ): Breaker {
    return this.#audited(caller, action, request, (record) => {
      if (mode !== undefined) record({ mode });
      const breaker = findBreaker(this.#parts.breakers, request.name);
      const reason = readReason(request.reason);
      const expiryMs = expiry?.();
      record({ reason, expiryMs });
      apply(breaker, `${reason} (${whoIs(caller)})`, expiryMs ?? Infinity);
      return breaker;
    });
  }

  /** Checks the permission, does it, and tells the audit how it went. */
  #audited<Result>(
    { token, peer, user, permission }: Admitted,
    action: AdminAction,
    { name, reason }: ChangeRequest,
    perform: (record: (more: Partial<AuditRecord>) => void) => Result,
  ): Result {
    let record: AuditRecord = {
      ...{ token, peer, user, action, atMs: this.#parts.wallClockNow(), breaker: plainText(name, 1_000) },
      ...{ reason: plainText(reason, 500), expiryMs: undefined, result: 'done', problem: '' },
    };
    try {
      checkMayWrite({ token, peer, user, permission });
      return perform((more) => {
        record = { ...record, ...more };
      });
    } catch (error) {
      record = { ...record, result: 'refused', problem: plainText((error as Error).message, LONGEST_PROBLEM) };
      throw error;
    } finally {
      this.#tell(record);
    }
  }

  #tell(record: AuditRecord): void {
    const failed = (error: unknown) => this.#parts.onWarning('the audit of a change failed; the change stands', error);
    try {
      silence(this.#parts.audit(record), failed);
    } catch (error) {
      failed(error);
    }
  }
}

/** Who did something, for those who read an override's reason. */
function whoIs({ user, token, peer }: Admitted): string {
  const by = user === '' ? peer : `${user} from ${peer}`;
  return token === 'none' || token === 'certificate' ? `by ${by}` : `by ${by}, token ${token}`;
}
