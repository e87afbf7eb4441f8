import { createHash } from 'node:crypto';
import type { Policy } from '../policy/policy.ts';

/** A policy as a document. */
export interface PolicyDocument {
  /** JSON. */
  readonly document: string;
  /** Changes with the document. */
  readonly etag: string;
  /** It has functions or objects of code in it. */
  readonly hasCode: boolean;
}

const known = new WeakMap<Policy, PolicyDocument>();

/** A policy as JSON; what only code can be, by what it is. */
export function documentOf(policy: Policy): PolicyDocument {
  const before = known.get(policy);
  if (before !== undefined) return before;
  let hasCode = false;
  const codeAs = (shown: string): string => {
    hasCode = true;
    return shown;
  };
  const document = JSON.stringify(
    policy,
    (_key, value: unknown) => {
      if (typeof value === 'function') return codeAs('[function]');
      if (typeof value === 'bigint') return String(value);
      if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
      return isPlain(value) ? value : codeAs('[object]');
    },
    2,
  );
  const etag = createHash('sha256').update(document).digest('hex').slice(0, 16);
  const read = { document, etag, hasCode };
  known.set(policy, read);
  return read;
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
