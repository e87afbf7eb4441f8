import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the example is. */
export const OBSERVABILITY: string = join(import.meta.dirname, '../../../examples/observability');

/** One query of a dashboard. */
export interface DashboardQuery {
  /** `panel: expression`, as the variables stand in it. */
  readonly title: string;
  readonly expr: string;
  /** Asked for one moment only. */
  readonly instant: boolean;
}

/** A variable whose values are asked of Prometheus. */
interface Variable {
  readonly name: string;
  readonly type: string;
  readonly definition: string;
  readonly regex: string;
  readonly multi: boolean;
}

interface Target {
  readonly expr?: string;
  readonly instant?: boolean;
}

/** A dashboard as it stands in the repository; what the tests look at. */
export interface Dashboard {
  readonly uid: string;
  readonly panels: readonly {
    readonly title: string;
    readonly datasource: { type: string };
    readonly targets: readonly Target[];
  }[];
  readonly templating: { readonly list: readonly Variable[] };
}

/** Reads one. */
export function readDashboard(name: 'overview' | 'breaker'): Dashboard {
  return JSON.parse(readFileSync(join(OBSERVABILITY, `grafana/dashboards/${name}.generated.json`), 'utf8')) as Dashboard;
}

/** Its PromQL. */
export function queriesOf({ panels }: Dashboard): DashboardQuery[] {
  return panels.flatMap(({ title, targets }) =>
    targets.flatMap(({ expr, instant = false }) => (expr === undefined ? [] : [{ title: `${title}: ${expr}`, expr, instant }])),
  );
}

/** Values of variables: one, or those that were chosen of many; `ALL` for all. */
export type Values = Readonly<Record<string, string | readonly string[]>>;

/** What Grafana puts in for `All`. */
export const ALL = '.*';

/** As Grafana escapes chosen values in PromQL: once for the regular expression, once for the text in quotes. */
function escapeChosen(value: string): string {
  return value.replace(/\\/g, '\\\\\\\\').replace(/[$^*{}[\]'+?.()|]/g, '\\\\$&');
}

function textOf(value: string | readonly string[]): string {
  if (typeof value === 'string') return value;
  const escaped = value.map(escapeChosen);
  return escaped.length === 1 ? (escaped[0] ?? '') : `(${escaped.join('|')})`;
}

/**
 * A query as Grafana sends it.
 * @throws where a variable has no value
 */
export function fillIn(expr: string, values: Values): string {
  return expr.replace(/\$\{(\w+)\}|\$(\w+)/g, (_all, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? '';
    const value = values[name];
    if (value === undefined) throw new Error(`no value for $${name} in ${expr}`);
    return textOf(value);
  });
}

/** A variable's query: which label, of which series. */
export function variableQuery(dashboard: Dashboard, name: string, values: Values): { label: string; selector: string } {
  const { definition } = dashboard.templating.list.find((variable) => variable.name === name) ?? { definition: '' };
  const [, selector, label] = /^label_values\((.*), (\w+)\)$/s.exec(definition) ?? [];
  if (selector === undefined || label === undefined) throw new Error(`the variable ${name} has no label_values`);
  return { label, selector: fillIn(selector, values) };
}

/** The choices that a variable's regular expression makes of the label's values: what its group matches, each once. */
export function choicesOf(dashboard: Dashboard, name: string, labelValues: readonly string[]): string[] {
  const regex = dashboard.templating.list.find((variable) => variable.name === name)?.regex ?? '';
  if (regex === '') return [...labelValues];
  const pattern = new RegExp(regex.slice(1, -1));
  return [...new Set(labelValues.flatMap((value) => pattern.exec(value)?.[1] ?? []))];
}
