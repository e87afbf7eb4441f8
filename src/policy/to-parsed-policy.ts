import { DEFAULTS } from '../core/defaults.ts';
import { toBreakerConfig } from './breaker-options.ts';
import { BUILT_IN_FUNCTIONS } from './built-in-functions.ts';
import type { ParsedDocument } from './document-schema.ts';
import { DEFAULT_KEY } from './key-spec.ts';
import type { ParsedMethod } from './method-schema.ts';
import type { MethodPolicy, ParsedPolicy } from './parsed-policy.ts';
import { DEFAULT_FAILURE_CODES, STATUS_CODES } from './status-codes.ts';
import { streamSchema } from './stream-options.ts';

/** The options of one policy, and its place in the document. */
interface Placed {
  readonly method: ParsedMethod;
  readonly path: string;
}

/** A policy from its options, defaults filled in. */
export function toParsedPolicy(document: ParsedDocument, methods: readonly Placed[]): ParsedPolicy {
  const { protos = [], maxBreakers = DEFAULTS.maxBreakers, clients = {} } = document;
  return {
    protos,
    maxBreakers,
    clients,
    methods: methods.map((placed, index) => toMethodPolicy(placed, methods.slice(0, index))),
  };
}

function toMethodPolicy({ method, path }: Placed, before: readonly Placed[]): MethodPolicy {
  const classify = builtIn(method.classify);
  const failureWhen = builtIn(method.failureWhen);
  const isAmbiguous = mayMeet(method) && before.some((other) => mayMeet(other.method));
  return {
    path,
    names: method.name,
    key: method.key ?? DEFAULT_KEY,
    keySuffix: isAmbiguous ? `#${path}` : '',
    deadlineMs: method.deadline ?? Infinity,
    failureCodes: new Set(method.failureCodes ?? DEFAULT_FAILURE_CODES.map((name) => STATUS_CODES[name])),
    classify: typeof classify === 'string' ? undefined : classify,
    failureWhen: typeof failureWhen === 'string' ? undefined : failureWhen,
    named: { classify: textOf(classify), failureWhen: textOf(failureWhen) },
    staleAfterMs: method.staleAfter ?? Infinity,
    stream: method.stream ?? streamSchema.parse({}),
    rejectionCode: method.rejectionStatus ?? STATUS_CODES.UNAVAILABLE,
    cancelledAfterMs: method.cancelledAfter ?? Infinity,
    minBudget: method.minBudget ?? 0,
    fallback: method.fallback,
    signals: { signal: method.trip?.signal, prometheus: method.trip?.prometheus },
    breaker: toBreakerConfig(method, { jitter: DEFAULTS.policyJitter, rampUpMs: DEFAULTS.policyRampUpMs }),
  };
}

/** Whether its keys may be those of another policy. */
function mayMeet({ key = DEFAULT_KEY }: ParsedMethod): boolean {
  return key.function !== undefined || !key.method;
}

/** The function of a built-in name; everything else as it is. */
function builtIn<T>(value: T | string | undefined): T | string | undefined {
  if (typeof value !== 'string' || !Object.hasOwn(BUILT_IN_FUNCTIONS, value)) return value;
  return BUILT_IN_FUNCTIONS[value] as T;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
