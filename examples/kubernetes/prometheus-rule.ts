// node examples/kubernetes/prometheus-rule.ts   writes prometheus-rule.yaml anew, from the rules of examples/observability
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

const RULES = join(import.meta.dirname, '../observability/prometheus/rules.yml');

/** The file of the rules. */
export const PROMETHEUS_RULE: string = join(import.meta.dirname, 'prometheus-rule.yaml');

/** The rules of the observability example as an object of the Prometheus operator. */
export function prometheusRule(): string {
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'price-desk-breakers', labels: { 'app.kubernetes.io/name': 'price-desk' } },
    spec: parse(readFileSync(RULES, 'utf8')) as unknown,
  };
  const head = ' Made from examples/observability/prometheus/rules.yml by prometheus-rule.ts: change them there.';
  return `#${head}\n${stringify(rule, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

if (import.meta.main) writeFileSync(PROMETHEUS_RULE, prometheusRule());
