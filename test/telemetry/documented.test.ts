import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { REJECTION_REASONS } from '../../src/core/state.ts';
import type { IgnoredCause } from '../../src/policy/ignored-cause.ts';
import { ATTRIBUTES, LOG_EVENTS, METRICS, SPANS, snakeCase, VERDICT_ATTRIBUTES } from '../../src/telemetry/names.ts';
import { P } from './harness/names.ts';

const text = readFileSync(new URL('../../docs/telemetry.md', import.meta.url), 'utf8');
const rows = text.split('\n').filter((line) => line.startsWith('| '));

/** Each of them: the types see to it. */
const CAUSES: Record<IgnoredCause, true> = {
  cancelled: true,
  deadlinePast: true,
  clientStall: true,
  consumerStall: true,
  shortBudget: true,
  requestNotSerializable: true,
  requestTooLarge: true,
  responseTooLarge: true,
  responseNotParsable: true,
  credentials: true,
  classified: true,
  notSent: true,
  notJudged: true,
};

/** As the page writes it. */
const quoted = (name: string) => `\`${name.startsWith(P) ? `P.${name.slice(P.length)}` : name}\``;

/** The row of a table that is about this. */
const rowOf = (name: string) => rows.find((row) => row.split(' | ')[0]?.includes(quoted(name)));

describe('docs/telemetry.md', () => {
  it.each(Object.values(METRICS))('has a row for the metric %s', (name) => {
    expect(rowOf(name)).toMatch(/counter|gauge|histogram/);
  });

  it.each([...Object.values(SPANS), ...Object.values(ATTRIBUTES), ...Object.values(LOG_EVENTS)])('names %s', (name) => {
    expect(text).toContain(quoted(name));
  });

  it.each(Object.values(VERDICT_ATTRIBUTES))('names %s among the numbers of verdicts', (name) => {
    const from = text.indexOf('| `P.reason` | `P.verdict.*`');
    const numbers = text.slice(from, text.indexOf('\n\n', from)).replaceAll(/^\| [^|]*\|/gm, '');
    expect(numbers).toContain(`\`${name.slice(`${P}verdict.`.length)}\``);
  });

  it('lists every reason of a refusal, and every cause of an ignored call', () => {
    for (const reason of REJECTION_REASONS) expect(rowOf(METRICS.rejections)).toContain(`\`${snakeCase(reason)}\``);
    for (const cause of Object.keys(CAUSES)) expect(rowOf(METRICS.ignored)).toContain(`\`${snakeCase(cause)}\``);
  });
});
