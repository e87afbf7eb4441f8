import { describeVerdict } from '../core/describe-verdict.ts';
import type { Evidence, Verdict } from '../core/verdict.ts';
import { statusName } from '../policy/status-codes.ts';
import { told } from './plain-text.ts';
import { protoTime } from './protobuf-time.ts';

/** A verdict as the message of that name. */
export function verdictMessage(verdict: Verdict | undefined): object | undefined {
  if (verdict === undefined) return undefined;
  const numbers: Record<string, number> = {};
  collect(verdict, '', numbers);
  return {
    reason: verdict.reason,
    text: told(describeVerdict(verdict)),
    numbers,
    signal: verdict.reason === 'signal' ? verdict.signal : '',
    message: 'message' in verdict ? told(verdict.message ?? '') : '',
    evidence: 'evidence' in verdict ? evidenceMessage(verdict.evidence) : undefined,
  };
}

/** Every number in it under its name; those of parts, such as the window, under theirs too. */
function collect(part: object, prefix: string, numbers: Record<string, number>): void {
  for (const [name, value] of Object.entries(part) as [string, unknown][]) {
    if (name === 'evidence') continue;
    if (typeof value === 'number') numbers[prefix + snakeCase(name)] = value;
    else if (typeof value === 'object' && value !== null) collect(value, `${prefix}${snakeCase(name)}_`, numbers);
  }
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function evidenceMessage(evidence: Evidence | undefined): object | undefined {
  if (evidence === undefined) return undefined;
  return {
    span: protoTime(evidence.spanMs),
    bad: evidence.bad,
    codes: Object.fromEntries(Object.entries(evidence.codes).map(([code, count]) => [statusName(Number(code)), count])),
    calls: evidence.calls.map(({ durationMs, failed, code }) => ({
      duration: durationMs < 0 ? undefined : protoTime(durationMs),
      failed,
      code: code < 0 ? '' : statusName(code),
    })),
  };
}
