import { type ConfigProblem, isConfigError } from '../core/errors.ts';
import type { Administered } from '../policy/administered.ts';
import { tooCostly } from '../policy/document-bounds.ts';
import type { Policy } from '../policy/policy.ts';
import type { PolicyEvent } from '../policy/policy-event.ts';
import type { WarningHandler } from '../policy/ports.ts';
import { readPolicy } from '../policy/read-policy.ts';
import type { Admitted } from './access.ts';
import { AdminError, invalidField } from './admin-error.ts';
import { type ExpiryLimits, readExpiry } from './change-request.ts';
import { documentOf } from './policy-document.ts';
import { triesOf } from './policy-tries.ts';
import { checkReach } from './reach.ts';

/** Reading a document takes time of the process's. */
const LONGEST_DOCUMENT = 256 * 1_024;

/** More problems than these nobody reads, and metadata has bounds. */
const MOST_PROBLEMS = 20;

/** Another policy, as it was asked for. */
export interface PolicyRequest {
  readonly document: string;
  readonly reason: string;
  /** Milliseconds until the policy of before comes back; undefined for never. */
  readonly expiryMs?: number | undefined;
  /** The etag of the policy that it was made from; empty for any. */
  readonly etag: string;
}

/** What policies are put in place with. */
export interface PolicyDeskParts {
  readonly breakers: Administered;
  readonly expiry: ExpiryLimits;
  readonly onWarning: WarningHandler;
}

/** Puts policies in place, and back. */
export class PolicyDesk {
  readonly #parts: PolicyDeskParts;

  constructor(parts: PolicyDeskParts) {
    this.#parts = parts;
  }

  /**
   * Reads a document.
   * @throws AdminError INVALID_ARGUMENT with every problem of it, and PERMISSION_DENIED where its sender may not have it
   */
  check(caller: Admitted, document: string): Policy {
    if (document === '') throw invalidField('document', 'is missing; expected a policy as YAML or JSON');
    if (document.length > LONGEST_DOCUMENT) {
      throw invalidField('document', `has ${document.length} characters; expected at most ${LONGEST_DOCUMENT}`);
    }
    const costly = tooCostly(document);
    if (costly !== undefined)
      throw invalidField('document', `${costly}, which would hold the process up; give such a policy in a file`);
    const policy = refusing(() => readPolicy(document, { what: 'the policy' }));
    checkReach(caller, this.#parts.breakers.policy, policy);
    return policy;
  }

  /**
   * Puts a policy in place.
   * @param told - hears how long it holds
   * @throws AdminError where it is refused; nothing changes then
   */
  reload(
    caller: Admitted,
    { document, expiryMs, etag }: PolicyRequest,
    told: (expiryMs: number | undefined) => void,
  ): PolicyEvent {
    const { breakers, expiry, onWarning } = this.#parts;
    const lasts = expiryMs === undefined ? undefined : readExpiry(expiryMs, expiry);
    told(lasts);
    const policy = this.check(caller, document);
    const before = breakers.policy;
    const held = documentOf(before).etag;
    if (etag !== '' && etag !== held) {
      throw new AdminError('ABORTED', 'POLICY_CHANGED', 'another policy holds by now; look at it first, and send its etag', {
        info: { etag: held },
      });
    }
    const event = refusing(() => breakers.reload(policy));
    const tries = triesOf(breakers, onWarning);
    if (lasts === undefined) tries.end();
    else tries.begin(before, lasts);
    return event;
  }
}

function refusing<Result>(attempt: () => Result): Result {
  try {
    return attempt();
  } catch (error) {
    if (isConfigError(error)) throw refused(error.problems);
    if (error instanceof AdminError) throw error;
    throw new AdminError(
      'FAILED_PRECONDITION',
      'POLICY_NOT_RELOADED',
      `the policy cannot be put in place: ${(error as Error).message}`,
    );
  }
}

function refused(problems: readonly ConfigProblem[]): AdminError {
  const told = problems.slice(0, MOST_PROBLEMS).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  const more = problems.length > MOST_PROBLEMS ? [`and ${problems.length - MOST_PROBLEMS} more`] : [];
  const lines = [...told, ...more];
  return new AdminError('INVALID_ARGUMENT', 'POLICY_REFUSED', `the policy was refused:\n  ${lines.join('\n  ')}`, {
    fields: lines.map((description) => ({ field: 'document', description: description.slice(0, 300) })),
  });
}
