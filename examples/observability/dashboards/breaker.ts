import { type DashboardPlan, UIDS } from './dashboard.ts';
import { graph, JAEGER, type Panel, stat, stateTimeline, table } from './panels.ts';
import { is, LABELS, SERIES, select, stateNumber } from './series.ts';

const CHOSEN = ['job="$job"', `${LABELS.name}="$breaker"`];

const rate = (series: string, by: string, ...matchers: readonly string[]): string =>
  `sum by (${by}) (rate(${select(series, ...CHOSEN, ...matchers)}[$__rate_interval]))`;
const total = (series: string, ...matchers: readonly string[]): string =>
  `sum(rate(${select(series, ...CHOSEN, ...matchers)}[$__rate_interval]))`;

/** Calls that a breaker let through and judged. */
const JUDGED = `${LABELS.outcome}=~"success|failure"`;

const NOW: readonly Panel[] = [
  stat(
    {
      title: 'State',
      description: 'Now; of several processes the worst.',
      width: 3,
      queries: [{ expr: stateNumber(['job'], ...CHOSEN), instant: true }],
    },
    'none',
    { state: true },
  ),
  stat(
    {
      title: 'Processes not closed',
      description: 'In how many processes this breaker is open or half open.',
      width: 3,
      queries: [{ expr: `sum(${select(SERIES.status, ...CHOSEN, `${LABELS.state}!="closed"`)})`, instant: true }],
    },
    'none',
    { alarmFrom: 1 },
  ),
  stat(
    {
      title: 'Override',
      description: 'In how many processes a person holds it open or closed. While that lasts, its own judgement does not count.',
      width: 3,
      queries: [{ expr: `sum(${select(SERIES.override, ...CHOSEN)})`, instant: true }],
    },
    'none',
    { alarmFrom: 1 },
  ),
  stateTimeline(
    {
      title: 'States',
      description: 'One row for each process.',
      width: 15,
      queries: [{ expr: stateNumber(['instance'], ...CHOSEN), legend: '{{instance}}' }],
    },
    4,
  ),
];

const OUTCOMES = graph(
  {
    title: 'What became of the calls',
    description: 'Shares of all calls. Ignored ones say nothing of the dependency, rejected ones never reached it.',
    width: 12,
    queries: [
      {
        expr: `${rate(SERIES.calls, LABELS.outcome)} / on() group_left ${total(SERIES.calls)}`,
        legend: `{{${LABELS.outcome}}}`,
      },
    ],
  },
  { unit: 'percentunit', stacked: true, max: 1 },
);

const CALLS = graph(
  {
    title: 'Calls',
    description: 'A second, and those under way.',
    width: 12,
    queries: [
      { expr: total(SERIES.calls), legend: 'calls / s' },
      { expr: total(SERIES.calls, JUDGED), legend: 'let through and judged / s' },
      { expr: `sum(${select(SERIES.inFlight, ...CHOSEN)})`, legend: 'in flight' },
    ],
  },
  { unit: 'short' },
);

const LATENCY = graph(
  {
    title: 'Latency against its SLO and what is usual',
    description:
      'Percentiles in the window of latencySlo, where the policy has it; of several processes the worst. Usual is the 70th percentile that adaptive has learned.',
    width: 12,
    queries: [
      { expr: `max by (${LABELS.quantile}) (${select(SERIES.latency, ...CHOSEN)})`, legend: `quantile {{${LABELS.quantile}}}` },
      { expr: `min(${select(SERIES.latencyLimit, ...CHOSEN)})`, legend: 'SLO' },
      { expr: `max(${select(SERIES.baselineLatency, ...CHOSEN)})`, legend: 'usual' },
    ],
  },
  { unit: 's', dashed: ['SLO', 'usual'] },
);

const ERRORS = graph(
  {
    title: 'Failures against what is usual',
    description: 'Share of the calls that were let through and judged. Usual is what adaptive has learned.',
    width: 12,
    queries: [
      { expr: `${total(SERIES.calls, is('outcome', 'failure'))} / ${total(SERIES.calls, JUDGED)}`, legend: 'failed' },
      { expr: `max(${select(SERIES.baselineErrorRate, ...CHOSEN)})`, legend: 'usual' },
    ],
  },
  { unit: 'percentunit', dashed: ['usual'] },
);

const byLabel = (title: string, description: string, series: string, label: string): Panel =>
  graph(
    { title, description, width: 8, queries: [{ expr: rate(series, label), legend: `{{${label}}}` }] },
    { unit: 'cps', stacked: true },
  );

const CHANGES = table(
  {
    title: 'Changes of state in this time',
    description: 'How often, and why. What a person does has no series before its first time, which is therefore not counted.',
    width: 12,
    queries: [
      {
        expr: `round(sum by (${LABELS.previousState}, ${LABELS.state}, ${LABELS.reason}) (increase(${select(SERIES.transitions, ...CHOSEN)}[$__range]))) > 0`,
        instant: true,
        table: true,
      },
    ],
  },
  9,
  {
    names: { [LABELS.previousState]: 'From', [LABELS.state]: 'To', [LABELS.reason]: 'Reason', Value: 'Times' },
    hidden: [],
    overrides: [],
  },
);

/** Asked of Jaeger: what a person would search for there by hand. */
const TRACES: Panel = {
  title: 'Outages in Jaeger',
  description: 'Each trip and each reopening, with its trace: the verdict, and links to the calls that caused it.',
  width: 12,
  height: 9,
  body: {
    type: 'table',
    datasource: JAEGER,
    targets: [
      {
        refId: 'A',
        datasource: JAEGER,
        queryType: 'search',
        service: '$job',
        operation: 'grpc_breaker.circuit_breaker.transition',
        tags: 'error=true grpc_breaker.circuit_breaker.name="$breaker"',
        limit: 20,
      },
    ],
    fieldConfig: { defaults: {}, overrides: [] },
    options: { cellHeight: 'sm', showHeader: true },
  },
};

const TRIPS = graph(
  {
    title: 'Openings by reason',
    description: 'Trips, reopenings and those by hand, in each minute.',
    width: 8,
    queries: [
      {
        expr: `sum by (${LABELS.reason}) (increase(${select(SERIES.transitions, ...CHOSEN, is('state', 'open'))}[$__interval]))`,
        legend: `{{${LABELS.reason}}}`,
      },
    ],
  },
  { unit: 'short', bars: true, interval: '1m' },
);

const OPEN_PERIODS = graph(
  {
    title: 'Length of open periods',
    description: 'Of those that ended in this time: the median, the 90th percentile, and the mean.',
    width: 8,
    queries: [
      ...['0.5', '0.9'].map((quantile) => ({
        expr: `histogram_quantile(${quantile}, sum by (le) (increase(${select(`${SERIES.openDuration}_bucket`, ...CHOSEN)}[$__range])))`,
        legend: `quantile ${quantile}`,
      })),
      {
        expr: `sum(increase(${select(`${SERIES.openDuration}_sum`, ...CHOSEN)}[$__range])) / sum(increase(${select(`${SERIES.openDuration}_count`, ...CHOSEN)}[$__range]))`,
        legend: 'mean',
      },
    ],
  },
  { unit: 's' },
);

const SIGNALS = graph(
  {
    title: 'Signals of this service',
    description:
      'Which fire now (1), and how often a second there was no reading. A signal belongs to policies, not to a breaker.',
    width: 8,
    queries: [
      {
        expr: `max by (${LABELS.signal}) (${select(SERIES.signalFiring, 'job="$job"')})`,
        legend: `firing: {{${LABELS.signal}}}`,
      },
      {
        expr: `sum by (${LABELS.signal}) (rate(${select(SERIES.signalErrors, 'job="$job"')}[$__rate_interval]))`,
        legend: `no reading / s: {{${LABELS.signal}}}`,
      },
    ],
  },
  { unit: 'short' },
);

/** One breaker. */
export const BREAKER: DashboardPlan = {
  uid: UIDS.breaker,
  title: 'gRPC breakers: one breaker',
  description: 'One breaker of grpc-breaker: why it opened, which calls were meant, and what their callers got.',
  isOneBreaker: true,
  rows: [
    NOW,
    [OUTCOMES, CALLS],
    [LATENCY, ERRORS],
    [
      byLabel(
        'Refused, by reason',
        'Open, half open with all trials handed out, ramp, shed, concurrency, or forced by a person.',
        SERIES.rejections,
        LABELS.reason,
      ),
      graph(
        {
          title: 'Fallback answers, by source',
          description:
            'What callers got instead; and sources that were asked and passed over, by why. There are series only for those that have come up.',
          width: 8,
          queries: [
            { expr: rate(SERIES.fallbacks, LABELS.source), legend: `{{${LABELS.source}}}` },
            {
              expr: `sum by (${LABELS.source}, ${LABELS.reason}) (rate(${select(SERIES.fallbackSkips, ...CHOSEN)}[$__rate_interval]))`,
              legend: `{{${LABELS.source}}} passed over: {{${LABELS.reason}}}`,
            },
          ],
        },
        { unit: 'cps' },
      ),
      byLabel(
        'Ignored, by cause',
        'Calls that say nothing of the dependency. There are series only for causes that have come up.',
        SERIES.ignored,
        LABELS.cause,
      ),
    ],
    [TRIPS, OPEN_PERIODS, SIGNALS],
    [CHANGES, TRACES],
  ],
};
