import { type Json, type JsonObject, type Panel, PROMETHEUS, place } from './panels.ts';
import { LABELS, SERIES } from './series.ts';

/** The addresses of the dashboards, the end of `/d/...`. */
export const UIDS = { overview: 'grpc-breaker-overview', breaker: 'grpc-breaker-breaker' } as const;

/** The name of a breaker is `<target>/<pkg.Service>/<Method>[value]...`; a target may have slashes of its own. */
const PARTS = {
  target: String.raw`/^(.+?)\/[\w.]+\/\w+(?:\[|$)/`,
  method: String.raw`/^(?:.+?\/)?([\w.]+\/\w+)(?:\[|$)/`,
} as const;

/** What the breakers' names must match, by the values of the variables target and method. */
export const NAME_MATCHERS: readonly string[] = [
  `${LABELS.name}=~"\${target}(/.*)?"`,
  `${LABELS.name}=~"(.*/)?\${method}(\\\\[.*)?"`,
];

/** A variable whose values are those of a label. */
interface LabelVariable {
  readonly name: string;
  readonly label: string;
  readonly query: string;
  readonly regex?: string;
  /** Any number of values, or all. */
  readonly many: boolean;
}

function datasource(name: string, label: string, type: string): JsonObject {
  return { name, label, type: 'datasource', query: type, hide: 0, includeAll: false, multi: false, refresh: 1 };
}

function labelVariable({ name, label, query, regex = '', many }: LabelVariable): JsonObject {
  return {
    name,
    label,
    type: 'query',
    datasource: PROMETHEUS,
    query: { query, refId: name },
    definition: query,
    regex,
    refresh: 2,
    sort: 1,
    multi: many,
    includeAll: many,
    ...(many ? { allValue: '.*', current: { text: ['All'], value: ['$__all'] } } : {}),
  };
}

/** Which service, target and method; and for the page of one breaker, which breaker. */
function variables(isOneBreaker: boolean): Json {
  const job = isOneBreaker ? 'job="$job"' : 'job=~"$job"';
  const values = (label: string, ...matchers: readonly string[]): string =>
    `label_values(${SERIES.status}{${matchers.join(', ')}}, ${label})`;
  return [
    datasource('datasource', 'Metrics', 'prometheus'),
    datasource('traces', 'Traces', 'jaeger'),
    labelVariable({ name: 'job', label: 'Service', query: `label_values(${SERIES.status}, job)`, many: !isOneBreaker }),
    labelVariable({ name: 'target', label: 'Target', query: values(LABELS.name, job), regex: PARTS.target, many: true }),
    labelVariable({ name: 'method', label: 'Method', query: values(LABELS.name, job), regex: PARTS.method, many: true }),
    ...(isOneBreaker
      ? [labelVariable({ name: 'breaker', label: 'Breaker', query: values(LABELS.name, job, ...NAME_MATCHERS), many: false })]
      : []),
  ];
}

/** What a dashboard is made of. */
export interface DashboardPlan {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** The page of one breaker, which the variables choose. */
  readonly isOneBreaker: boolean;
  readonly rows: readonly (readonly Panel[])[];
}

/** A dashboard as Grafana reads it. */
export function dashboard({ uid, title, description, isOneBreaker, rows }: DashboardPlan): JsonObject {
  return {
    uid,
    title,
    description,
    tags: ['grpc-breaker'],
    schemaVersion: 41,
    editable: true,
    graphTooltip: 1, // one crosshair in all panels
    refresh: '10s',
    time: { from: 'now-30m', to: 'now' },
    timezone: 'browser',
    links: [
      {
        title: 'grpc-breaker',
        type: 'dashboards',
        tags: ['grpc-breaker'],
        asDropdown: false,
        includeVars: true,
        keepTime: true,
        icon: 'external link',
        targetBlank: false,
        tooltip: '',
        url: '',
      },
    ],
    templating: { list: variables(isOneBreaker) },
    panels: place(rows),
  };
}
