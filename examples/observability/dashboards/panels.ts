/** JSON, as Grafana stores it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** An object of it. */
export type JsonObject = { readonly [key: string]: Json };

/** The datasource that is chosen at the top of each dashboard. */
export const PROMETHEUS: JsonObject = { type: 'prometheus', uid: '${datasource}' };
/** The traces, chosen there too. */
export const JAEGER: JsonObject = { type: 'jaeger', uid: '${traces}' };

/** Width of a dashboard, in the units of its grid. */
const WIDTH = 24;

/** One query of a panel. */
export interface Query {
  /** PromQL. */
  readonly expr: string;
  /** The name of a series, such as `{{label}}`. */
  readonly legend?: string;
  /** One point, now, instead of the whole range. */
  readonly instant?: boolean;
  /** As a table. */
  readonly table?: boolean;
}

/** One panel, before it has its place. */
export interface Panel {
  readonly title: string;
  /** Shown at the panel's (i). */
  readonly description: string;
  /** Of 24. */
  readonly width: number;
  /** In rows of 30 pixels. */
  readonly height: number;
  readonly body: JsonObject;
}

function targets(queries: readonly Query[]): Json {
  return queries.map(({ expr, legend = '', instant = false, table = false }, at) => ({
    refId: String.fromCharCode('A'.charCodeAt(0) + at),
    datasource: PROMETHEUS,
    editorMode: 'code',
    expr,
    legendFormat: legend,
    instant,
    range: !instant,
    format: table ? 'table' : 'time_series',
  }));
}

/** What all panels with queries have. */
type About = Pick<Panel, 'title' | 'description' | 'width'> & { readonly queries: readonly Query[] };

function panel(about: About, height: number, body: JsonObject): Panel {
  const { title, description, width, queries } = about;
  return { title, description, width, height, body: { datasource: PROMETHEUS, targets: targets(queries), ...body } };
}

/** The colours and words of the states. */
const STATE_MAPPINGS: Json = [
  {
    type: 'value',
    options: {
      0: { text: 'closed', color: 'green', index: 0 },
      1: { text: 'half open', color: 'yellow', index: 1 },
      2: { text: 'open', color: 'red', index: 2 },
    },
  },
];

/** The state as a word, in a field of a table. */
export const STATE_FIELD: readonly { readonly id: string; readonly value: Json }[] = [
  { id: 'mappings', value: STATE_MAPPINGS },
  { id: 'custom.cellOptions', value: { type: 'color-background' } },
];

/** Rows of coloured stretches, from queries that give the state as a number. */
export function stateTimeline(about: About, height: number, links: Json = []): Panel {
  return panel(about, height, {
    type: 'state-timeline',
    fieldConfig: {
      defaults: { mappings: STATE_MAPPINGS, links, custom: { lineWidth: 0, fillOpacity: 80 } },
      overrides: [],
    },
    options: { mergeValues: true, showValue: 'auto', alignValue: 'left', rowHeight: 0.8, legend: { showLegend: false } },
  });
}

/** A number. */
export function stat(about: About, unit: string, more: { readonly state?: boolean; readonly alarmFrom?: number } = {}): Panel {
  const steps: Json[] = [{ value: null, color: 'green' }];
  if (more.alarmFrom !== undefined) steps.push({ value: more.alarmFrom, color: 'red' });
  return panel(about, 4, {
    type: 'stat',
    fieldConfig: {
      defaults: {
        unit,
        noValue: '0',
        mappings: more.state === true ? STATE_MAPPINGS : [],
        thresholds: { mode: 'absolute', steps },
      },
      overrides: [],
    },
    options: { colorMode: more.alarmFrom === undefined ? 'value' : 'background', reduceOptions: { calcs: ['lastNotNull'] } },
  });
}

/** How a graph is drawn. */
export interface Drawing {
  /** Grafana's name of it, such as `s` or `percentunit`. */
  readonly unit: string;
  /** Areas on top of each other. */
  readonly stacked?: boolean;
  /** Bars instead of lines. */
  readonly bars?: boolean;
  readonly max?: number;
  /** Minimum distance of two points, such as `1m`. */
  readonly interval?: string;
  /** Series that are drawn as dashed limits. */
  readonly dashed?: readonly string[];
}

/** A graph over time. */
export function graph(about: About, { unit, stacked = false, bars = false, max, interval, dashed = [] }: Drawing): Panel {
  return panel(about, 8, {
    type: 'timeseries',
    ...(interval === undefined ? {} : { interval }),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(max === undefined ? {} : { max }),
        custom: {
          drawStyle: bars ? 'bars' : 'line',
          fillOpacity: bars ? 80 : stacked ? 40 : 0,
          stacking: { mode: stacked || bars ? 'normal' : 'none', group: 'A' },
          showPoints: 'never',
          spanNulls: false,
        },
      },
      overrides: dashed.map((name) => ({
        matcher: { id: 'byName', options: name },
        properties: [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } }],
      })),
    },
    options: {
      legend: { showLegend: true, displayMode: 'list', placement: 'bottom' },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  });
}

/** A table of instant queries, one column each, joined by their labels. */
export function table(
  about: About,
  height: number,
  columns: { readonly names: Readonly<Record<string, string>>; readonly hidden: readonly string[]; readonly overrides: Json },
): Panel {
  return panel(about, height, {
    type: 'table',
    fieldConfig: { defaults: {}, overrides: columns.overrides },
    options: { cellHeight: 'sm', showHeader: true },
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          renameByName: columns.names,
          excludeByName: Object.fromEntries(['Time', ...columns.hidden].map((name) => [name, true])),
        },
      },
    ],
  });
}

/** Panels of one row each, from left to right and from top to bottom. */
export function place(rows: readonly (readonly Panel[])[]): Json {
  const placed: Json[] = [];
  let y = 0;
  for (const row of rows) {
    let x = 0;
    for (const { title, description, width, height, body } of row) {
      placed.push({ id: placed.length + 1, title, description, gridPos: { x, y, w: width, h: height }, ...body });
      x += width;
    }
    if (x > WIDTH) throw new Error(`the row of "${row[0]?.title}" is ${x} wide`);
    y += Math.max(...row.map(({ height }) => height));
  }
  return placed;
}
