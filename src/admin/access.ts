import type { Clock } from '../core/clock.ts';
import type { WarningHandler } from '../policy/ports.ts';
import { AdminError } from './admin-error.ts';
import type { Caller } from './audit.ts';
import { GuessLimiter } from './guess-limiter.ts';
import { plainText } from './plain-text.ts';
import type { AdminTokens } from './token-options.ts';
import { type Permission, TokenBook } from './tokens.ts';

/** What a call or a request brings with it. */
export interface Presented {
  /** The header `authorization`. */
  readonly authorization: string | undefined;
  /** The header `x-grpc-breaker-user`. */
  readonly user: string | undefined;
  /** The peer's address and port. */
  readonly peer: string;
  /** The subject of a client certificate that TLS has verified; undefined without one. */
  readonly certificate?: string | undefined;
}

/** Somebody who may look, at least. */
export interface Admitted extends Caller {
  readonly permission: Permission;
}

/** What access is decided by. */
export interface AccessRules {
  readonly tokens: AdminTokens;
  /** Without tokens, whether anyone may change something. */
  readonly writesWithoutToken: boolean;
  readonly clock: Clock;
  readonly onWarning: WarningHandler;
}

/** Names of people are cut here. */
const LONGEST_USER = 100;

/** Decides who may look, and who may change something. */
export class Access {
  readonly #tokens: TokenBook;
  readonly #rules: AccessRules;
  readonly #limiter: GuessLimiter;

  /** @throws TypeError for tokens that cannot be used */
  constructor(rules: AccessRules) {
    this.#rules = rules;
    this.#tokens = new TokenBook(rules.tokens);
    this.#limiter = new GuessLimiter(rules.clock);
  }

  /** Whether callers need a token. */
  get needsToken(): boolean {
    return this.#tokens.size > 0;
  }

  /**
   * Says who asks, and what they may do.
   * @throws AdminError UNAUTHENTICATED without a right token where one is needed; RESOURCE_EXHAUSTED after too many wrong ones
   */
  identify(presented: Presented): Admitted {
    const { peer, certificate } = presented;
    const user = plainText(presented.user ?? '', LONGEST_USER);
    if (!this.needsToken) {
      if (certificate !== undefined) return { token: 'certificate', permission: 'write', peer, user: user || certificate };
      return { token: 'none', permission: this.#rules.writesWithoutToken ? 'write' : 'read', peer, user };
    }
    const token = bearer(presented.authorization);
    if (token === undefined) {
      throw new AdminError('UNAUTHENTICATED', 'TOKEN_MISSING', 'needs a token: authorization: Bearer TOKEN');
    }
    // A right token passes always: many share an address, such as loopback, and whoever else calls from there must not keep them out.
    const known = this.#tokens.find(token);
    if (known === undefined) throw this.#wrongToken(peer);
    return { token: known.name, permission: known.permission, peer, user: user || (certificate ?? '') };
  }

  #wrongToken(peer: string): AdminError {
    if (!this.#limiter.allows(peer)) {
      const message = 'too many wrong tokens from this address; try again in a second';
      return new AdminError('RESOURCE_EXHAUSTED', 'TOO_MANY_WRONG_TOKENS', message);
    }
    if (this.#limiter.wasWrong(peer))
      this.#rules.onWarning(`the admin service was called with a wrong token from ${peer}`, undefined);
    return new AdminError('UNAUTHENTICATED', 'TOKEN_WRONG', 'the token is not known');
  }
}

/** @throws AdminError PERMISSION_DENIED for somebody who may only look */
export function checkMayWrite({ permission, token }: Admitted): void {
  if (permission === 'write') return;
  const why =
    token === 'none'
      ? 'changes need a token here; start the admin service with tokens: { write: ... }'
      : `the token ${token} may only read; changes need one of tokens.write`;
  throw new AdminError('PERMISSION_DENIED', 'READ_ONLY', why);
}

function bearer(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}
