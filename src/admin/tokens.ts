import { createHash, timingSafeEqual } from 'node:crypto';
import type { AdminTokens, Tokens } from './token-options.ts';

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

/** The tokens that are known, as digests: they cannot be read out of a heap snapshot. */
export class TokenBook {
  readonly #known: readonly (KnownToken & { readonly digest: Buffer })[];

  /** @throws TypeError for a token that is too short, cannot be sent, or stands twice */
  constructor(tokens: AdminTokens) {
    const known = (['read', 'write'] as const).flatMap((permission) =>
      named(permission, tokens).map(([name, token]) => {
        check(name, token);
        return { name, permission, digest: digest(token) };
      }),
    );
    known.forEach((one, index) => {
      const twin = known.slice(0, index).find((other) => timingSafeEqual(one.digest, other.digest));
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

  /** The token that was presented, or undefined. All of them are compared, always, each in a time that does not depend on where they differ. */
  find(presented: string): KnownToken | undefined {
    const sought = digest(presented);
    let found: KnownToken | undefined;
    for (const token of this.#known) {
      if (timingSafeEqual(sought, token.digest)) found = token;
    }
    return found;
  }
}

/** A token that is there and empty was meant to be one: without it, everyone could come in. */
function named(permission: Permission, tokens: AdminTokens): readonly (readonly [string, string])[] {
  if (!(permission in tokens)) return [];
  const given: Tokens | undefined = tokens[permission];
  const all = typeof given === 'object' && given !== null ? Object.entries(given) : [[permission, given as string] as const];
  if (all.length === 0) throw new TypeError(`the admin tokens ${permission} are none; leave them out, or give one`);
  return all;
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
