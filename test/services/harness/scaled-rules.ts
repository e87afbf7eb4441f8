import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { OBSERVABILITY } from './grafana.ts';

/** One rule, recording or alerting. */
export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A file of rules. */
export interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** The rules of the example. */
export function readRules(): Rules {
  return parse(readFileSync(join(OBSERVABILITY, 'prometheus/rules.yml'), 'utf8')) as Rules;
}

/**
 * The same rules on a clock that is so many times as fast: each `for` and each range is shorter by it, all else is as it was.
 * @throws where a duration is not a whole number of s, m or h
 */
export function speedUp({ groups }: Rules, times: number): Rules {
  const shorter = (duration: string): string => {
    const [, count, unit = ''] = /^(\d+)([smh])$/.exec(duration) ?? [];
    const ms = UNIT_MS[unit];
    if (ms === undefined) throw new Error(`what duration is ${duration}?`);
    return `${(Number(count) * ms) / times}ms`;
  };
  return {
    groups: groups.map(({ name, rules }) => ({
      name,
      rules: rules.map((rule) => ({
        ...rule,
        expr: rule.expr.replace(/\[([^\]]*)\]/g, (_all, range: string) => `[${shorter(range)}]`),
        ...(rule.for === undefined ? {} : { for: shorter(rule.for) }),
      })),
    })),
  };
}
