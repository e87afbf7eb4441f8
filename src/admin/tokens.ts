import { createHash, timingSafeEqual } from 'node:crypto';
import type { AdminTokens, Tokens } from './admin-options.ts';

/** What a token allows. `write` includes `read`. */
export type Permission = 'read' | 'write';

/** What a presented token was found to be. */
export interface KnownToken {
  /** What the log calls it. */
  readonly name: string;
  readonly permission: Permission;
}

/** Shorter tokens could be guessed. */
const MIN_TOKEN_LENGTH = 16;

/** What metadata can carry: a token with anything else could never be presented. */
const PRESENTABLE = /^[\x21-\x7e]+$/;

/** Digests have one length whatever the tokens' lengths, so that the comparison tells nothing of them. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/**
 * Whether two tokens are the same, in a time that does not depend on where they differ, nor on the expected one's length.
 * @param presented - what a caller sent
 * @param expected - the digest of the right one
 */
export function isSameToken(presented: Buffer, expected: Buffer): boolean {
  return timingSafeEqual(presented, expected);
}

/** The tokens that are known, as digests: they cannot be read out of a heap snapshot. */
export class TokenBook {
  readonly #known: readonly (KnownToken & { readonly digest: Buffer })[];

  /** @throws TypeError for a token that is too short, cannot be sent, or stands twice */
  constructor(tokens: AdminTokens) {
    const known = (['read', 'write'] as const).flatMap((permission) =>
      named(permission, tokens[permission]).map(([name, token]) => {
        check(name, token);
        return { name, permission, digest: digest(token) };
      }),
    );
    known.forEach((one, index) => {
      const twin = known.slice(0, index).find((other) => isSameToken(one.digest, other.digest));
      if (twin !== undefined) {
        throw new TypeError(`the admin tokens ${twin.name} and ${one.name} are the same; who changed what could not be told`);
      }
    });
    this.#known = known;
  }

  /** How many there are. */
  get size(): number {
    return this.#known.length;
  }

  /** The token that was presented, or undefined. All of them are compared, always. */
  find(presented: string): KnownToken | undefined {
    const sought = digest(presented);
    let found: KnownToken | undefined;
    for (const token of this.#known) {
      if (isSameToken(sought, token.digest)) found = token;
    }
    return found;
  }
}

function named(permission: Permission, tokens: Tokens | undefined): readonly (readonly [string, string])[] {
  if (tokens === undefined) return [];
  return typeof tokens === 'string' ? [[permission, tokens]] : Object.entries(tokens);
}

function check(name: string, token: unknown): void {
  if (typeof token !== 'string' || token.length < MIN_TOKEN_LENGTH) {
    const was = typeof token === 'string' ? `has ${token.length} characters` : 'is no text';
    throw new TypeError(
      `the admin token ${name} ${was}; expected at least ${MIN_TOKEN_LENGTH}, such as those of: openssl rand -hex 24`,
    );
  }
  if (!PRESENTABLE.test(token)) throw new TypeError(`the admin token ${name} has spaces or other characters that cannot be sent`);
}
