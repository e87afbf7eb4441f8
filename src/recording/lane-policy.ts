import type { KeySpec } from '../policy/key-spec.ts';
import { MethodMatcher } from '../policy/method-matcher.ts';
import { type MethodPolicy, type ParsedPolicy, type Policy, parsePolicy } from '../policy/policy.ts';
import { originOf } from '../policy/policy-origin.ts';
import { keyParts } from './dictionary.ts';
import { RecordingError } from './recording-error.ts';
import type { RecordedBreaker } from './replay-call.ts';

/** A policy that calls are replayed under. */
export interface LanePolicy {
  readonly title: string;
  readonly maxBreakers: number;
  readonly matcher: MethodMatcher;
  /** What a replay cannot do of what it says. */
  readonly notes: readonly string[];
}

/** Reads a policy for a replay. What observes is replayed as if it were enforced. @throws ConfigError with every problem in it */
export function toLanePolicy(policy: Policy): LanePolicy {
  const origin = originOf(policy);
  const parsed = parsePolicy(policy, origin);
  // Columns have this title: the folder is known to whoever asked.
  const title = origin.replace(/^policy .*[/\\](?=[^/\\]+$)/, 'policy ');
  const methods = parsed.methods.map((method): MethodPolicy => {
    const { breaker } = method;
    return breaker.mode === 'observe' ? { ...method, breaker: { ...breaker, mode: 'enforce' } } : method;
  });
  return { title, maxBreakers: parsed.maxBreakers, matcher: new MethodMatcher({ ...parsed, methods }), notes: notesOf(parsed) };
}

/** A configuration as a text, to be compared with others. Whether it refuses or only observes makes no difference to its judgement. */
export function configText(config: object): string {
  return JSON.stringify({ ...config, mode: undefined });
}

/**
 * The key of a call under another policy: what is recorded is the key that it had.
 * @throws RecordingError where the other one needs what is not in the recording
 */
export function replayKey({ path, key }: MethodPolicy, recorded: RecordedBreaker): string {
  const { target, method, name } = recorded;
  const wanted = keyParts(key);
  const had = recorded.keyParts;
  if (JSON.stringify(wanted) === JSON.stringify(had)) return recorded.key;
  if (wanted === null)
    throw new RecordingError(`${path}.key is made by a function, which needs the request: a recording has none`);
  const values = wanted.filter(isValue);
  const prefix = prefixOf(key, target, method);
  if (values.length === 0) return prefix;
  const before = had?.filter(isValue) ?? [];
  const own = prefixOf({ target: had?.includes('target') === true, method: had?.includes('method') === true }, target, method);
  if (JSON.stringify(values) === JSON.stringify(before) && recorded.key.startsWith(own))
    return prefix + recorded.key.slice(own.length);
  throw new RecordingError(
    `${path}.key: [${wanted.join(', ')}] needs ${values.join(' and ')}, which is not recorded of the calls of ${name}: their key was ${
      had === null ? 'made by a function' : `[${had.join(', ')}]`
    }. Record again with the new key (mode: observe is enough), or leave the key as it is`,
  );
}

function isValue(part: string): boolean {
  return part !== 'target' && part !== 'method';
}

function prefixOf(key: Pick<KeySpec, 'target' | 'method'>, target: string, method: string): string {
  return [...(key.target ? [target] : []), ...(key.method ? [method] : [])].join('/');
}

function notesOf({ methods }: ParsedPolicy): string[] {
  const notes: string[] = [];
  for (const { path, classify, failureWhen, named, signals, stream } of methods) {
    if (classify !== undefined || named.classify !== undefined) {
      notes.push(`${path}.classify is not asked: calls count by their codes, or as they counted when they were recorded`);
    }
    if (failureWhen !== undefined || named.failureWhen !== undefined) {
      notes.push(`${path}.failureWhen is not asked: messages are not recorded, and failures in them count as they did`);
    }
    if (Object.keys(signals).length > 0 && JSON.stringify(signals) !== '{}' && hasSignals(signals)) {
      notes.push(`${path}.trip: outside signals are not asked; where one tripped a breaker live, it trips it here`);
    }
    if (Math.min(stream.firstMessageWithinMs, stream.messageGapMs) < Infinity) {
      notes.push(`${path}.stream: its limits are those that held when the calls were recorded`);
    }
  }
  return notes;
}

function hasSignals(signals: object): boolean {
  return Object.values(signals).some((value) => (Array.isArray(value) ? value.length > 0 : value !== undefined));
}
