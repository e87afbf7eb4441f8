import { createHash } from 'node:crypto';
import type { Policy } from '../policy/policy.ts';
import { policyDocument, writePolicy } from '../policy/policy-document.ts';

/** A policy as a document. */
export interface PolicyDocument {
  /** JSON. */
  readonly document: string;
  /** Changes with the document. */
  readonly etag: string;
  /** It has functions or objects of code in it that have no name. */
  readonly hasCode: boolean;
}

const known = new WeakMap<Policy, PolicyDocument>();

/** A policy as JSON; what only code can be, by what it is. */
export function documentOf(policy: Policy): PolicyDocument {
  const before = known.get(policy);
  if (before !== undefined) return before;
  let hasCode = false;
  const otherwise = (code: unknown): string => {
    hasCode = true;
    return typeof code === 'function' ? '[function]' : '[object]';
  };
  const document = writePolicy(policyDocument(policy, { otherwise }), 'json');
  const etag = createHash('sha256').update(document).digest('hex').slice(0, 16);
  const read = { document, etag, hasCode };
  known.set(policy, read);
  return read;
}
