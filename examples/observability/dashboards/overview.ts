import { type DashboardPlan, NAME_MATCHERS, UIDS } from './dashboard.ts';
import { graph, type Json, type Panel, STATE_FIELD, stat, stateTimeline, table } from './panels.ts';
import { is, LABELS, SERIES, select, shadowStateNumber, stateNumber } from './series.ts';

/** Which breakers the variables choose. */
const CHOSEN = ['job=~"$job"', ...NAME_MATCHERS];
const NOT_A_HAND = [is('previousState', 'closed'), is('state', 'open'), `${LABELS.reason}!~"forced|manual"`];

const rate = (series: string, by: string, ...matchers: readonly string[]): string =>
  `sum by (${by}) (rate(${select(series, ...CHOSEN, ...matchers)}[$__rate_interval]))`;
const share = (series: string, ...matchers: readonly string[]): string =>
  `sum(rate(${select(series, ...CHOSEN, ...matchers)}[$__rate_interval])) / sum(rate(${select(SERIES.calls, ...CHOSEN)}[$__rate_interval]))`;
const inState = (state: string): string =>
  `count(max by (job, ${LABELS.name}) (${select(SERIES.status, ...CHOSEN, is('state', state))}) > 0) or vector(0)`;

/** To the page of the breaker that was clicked. */
function pageOf(job: string, name: string): Json {
  const query = `var-job=${job}&var-breaker=${name}`;
  return [{ title: 'This breaker', url: `/d/${UIDS.breaker}?${query}&\${__url_time_range}`, targetBlank: false }];
}

const SUMMARY: readonly Panel[] = [
  stat(
    {
      title: 'Open',
      description: 'Breakers that are open in at least one process.',
      width: 4,
      queries: [{ expr: inState('open'), instant: true }],
    },
    'none',
    { alarmFrom: 1 },
  ),
  stat(
    {
      title: 'Half open',
      description: 'Breakers that try whether their dependency has recovered.',
      width: 4,
      queries: [{ expr: inState('half_open'), instant: true }],
    },
    'none',
  ),
  stat(
    {
      title: 'Breakers',
      description: 'All that the filters above choose, each once however many processes have it.',
      width: 4,
      queries: [{ expr: `count(count by (job, ${LABELS.name}) (${select(SERIES.status, ...CHOSEN)}))`, instant: true }],
    },
    'none',
  ),
  stat(
    {
      title: 'Trips in this time',
      description: 'From closed to open, by judgement of the breaker; not those by hand.',
      width: 4,
      queries: [
        { expr: `round(sum(increase(${select(SERIES.transitions, ...CHOSEN, ...NOT_A_HAND)}[$__range])))`, instant: true },
      ],
    },
    'none',
  ),
  stat(
    {
      title: 'Refused',
      description: 'Share of all calls that a breaker refused.',
      width: 4,
      queries: [{ expr: share(SERIES.calls, is('outcome', 'rejected')) }],
    },
    'percentunit',
  ),
  stat(
    {
      title: 'Answered by a fallback',
      description: 'Fallback answers for each call, refused ones included.',
      width: 4,
      queries: [{ expr: share(SERIES.fallbacks) }],
    },
    'percentunit',
  ),
];

/** A column of the table of breakers. */
const column = (expr: string): { expr: string; instant: true; table: true } => ({ expr, instant: true, table: true });
const perBreaker = `job, ${LABELS.name}`;

const BREAKERS = table(
  {
    title: 'Breakers',
    description: 'Each with its worst state in any process. Click a name for its page.',
    width: 24,
    queries: [
      column(stateNumber(['job', LABELS.name], ...CHOSEN)),
      column(`sum by (${perBreaker}) (${select(SERIES.status, ...CHOSEN, `${LABELS.state}!="closed"`)})`),
      column(rate(SERIES.calls, perBreaker)),
      column(
        `${rate(SERIES.calls, perBreaker, is('outcome', 'failure'))} / ${rate(SERIES.calls, perBreaker, `${LABELS.outcome}=~"success|failure"`)}`,
      ),
      column(rate(SERIES.rejections, perBreaker)),
      column(rate(SERIES.fallbacks, perBreaker)),
      column(`max by (${perBreaker}) (${select(SERIES.latency, ...CHOSEN, is('quantile', '0.99'))})`),
      column(`round(sum by (${perBreaker}) (increase(${select(SERIES.transitions, ...CHOSEN, ...NOT_A_HAND)}[$__range])))`),
    ],
  },
  10,
  {
    names: {
      job: 'Service',
      [LABELS.name]: 'Breaker',
      'Value #A': 'State',
      'Value #B': 'Processes not closed',
      'Value #C': 'Calls / s',
      'Value #D': 'Failed',
      'Value #E': 'Refused / s',
      'Value #F': 'Fallbacks / s',
      'Value #G': 'P99',
      'Value #H': 'Trips',
    },
    hidden: [],
    overrides: [
      { matcher: { id: 'byName', options: 'State' }, properties: STATE_FIELD },
      { matcher: { id: 'byName', options: 'Failed' }, properties: [{ id: 'unit', value: 'percentunit' }] },
      { matcher: { id: 'byName', options: 'P99' }, properties: [{ id: 'unit', value: 's' }] },
      {
        matcher: { id: 'byRegexp', options: '/ s$' },
        properties: [
          { id: 'unit', value: 'none' },
          { id: 'decimals', value: 1 },
        ],
      },
      {
        matcher: { id: 'byName', options: 'Breaker' },
        properties: [
          { id: 'custom.width', value: 520 },
          { id: 'links', value: pageOf('${__data.fields.Service}', '${__data.fields.Breaker:percentencode}') },
        ],
      },
    ],
  },
);

const STATES = stateTimeline(
  {
    title: 'States',
    description: 'The worst state in any process. Click a stretch for the breaker behind it.',
    width: 24,
    queries: [{ expr: stateNumber(['job', LABELS.name], ...CHOSEN), legend: `{{${LABELS.name}}}` }],
  },
  10,
  pageOf(`\${__field.labels.job}`, `\${__field.labels.${LABELS.name}:percentencode}`),
);

const REASONS = graph(
  {
    title: 'Trips by reason',
    description: 'From closed to open, those by hand included, in each minute.',
    width: 12,
    queries: [
      {
        expr: `sum by (${LABELS.reason}) (increase(${select(SERIES.transitions, ...CHOSEN, is('previousState', 'closed'), is('state', 'open'))}[$__interval]))`,
        legend: `{{${LABELS.reason}}}`,
      },
    ],
  },
  { unit: 'short', bars: true, interval: '1m' },
);

const SIGNALS = graph(
  {
    title: 'Signals without a reading',
    description:
      'Times a second that a trip signal had no reading: it cannot trip anything meanwhile. All signals of these services.',
    width: 12,
    queries: [
      {
        expr: `sum by (job, ${LABELS.signal}) (rate(${select(SERIES.signalErrors, 'job=~"$job"')}[$__rate_interval]))`,
        legend: `{{${LABELS.signal}}}`,
      },
    ],
  },
  { unit: 'cps' },
);

const REFUSED = graph(
  {
    title: 'Refused calls',
    description: 'The ten breakers that refuse most.',
    width: 12,
    queries: [{ expr: `topk(10, ${rate(SERIES.rejections, LABELS.name)})`, legend: `{{${LABELS.name}}}` }],
  },
  { unit: 'cps' },
);

const FALLBACKS = graph(
  {
    title: 'Fallback answers',
    description: 'The ten breakers whose callers get most of them.',
    width: 12,
    queries: [{ expr: `topk(10, ${rate(SERIES.fallbacks, LABELS.name)})`, legend: `{{${LABELS.name}}}` }],
  },
  { unit: 'cps' },
);

const SHADOW_STATES = stateTimeline(
  {
    title: 'Observing: states under enforcement',
    description: 'Of breakers whose policy observes: the worst state that any process would have them in. Nothing is refused.',
    width: 24,
    queries: [{ expr: shadowStateNumber(['job', LABELS.name], ...CHOSEN), legend: `{{${LABELS.name}}}` }],
  },
  8,
  pageOf(`\${__field.labels.job}`, `\${__field.labels.${LABELS.name}:percentencode}`),
);

const SHADOW_REFUSED = graph(
  {
    title: 'Observing: calls that would be refused',
    description: 'The ten breakers that would refuse most, by enforcement of the policy that they observe.',
    width: 8,
    queries: [{ expr: `topk(10, ${rate(SERIES.shadowRejections, LABELS.name)})`, legend: `{{${LABELS.name}}}` }],
  },
  { unit: 'cps' },
);

const SHADOW_FALLBACKS = graph(
  {
    title: 'Observing: fallback answers that would be given',
    description: 'By source. Functions and fallback calls are taken to have an answer.',
    width: 8,
    queries: [{ expr: rate(SERIES.shadowFallbacks, LABELS.source), legend: `{{${LABELS.source}}}` }],
  },
  { unit: 'cps' },
);

const POLICIES = graph(
  {
    title: 'Policies that came',
    description: 'Reloads in each minute, applied and refused. All of these services.',
    width: 8,
    queries: [
      {
        expr: `sum by (${LABELS.policyResult}) (increase(${select(SERIES.policyReloads, 'job=~"$job"')}[$__interval]))`,
        legend: `{{${LABELS.policyResult}}}`,
      },
    ],
  },
  { unit: 'short', bars: true, interval: '1m' },
);

/** All breakers. */
export const OVERVIEW: DashboardPlan = {
  uid: UIDS.overview,
  title: 'gRPC breakers: overview',
  description: 'Every breaker of grpc-breaker: which are open, since when, and what their callers get instead.',
  isOneBreaker: false,
  rows: [
    SUMMARY,
    [STATES],
    [BREAKERS],
    [REASONS, SIGNALS],
    [REFUSED, FALLBACKS],
    [SHADOW_STATES],
    [SHADOW_REFUSED, SHADOW_FALLBACKS, POLICIES],
  ],
};
