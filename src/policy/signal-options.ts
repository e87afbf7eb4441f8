import { z } from 'zod';
import type { TripConfig } from '../core/options.ts';
import { noted } from './schema-notes.ts';
import type { PrometheusConfig } from './signal.ts';
import { type Duration, durationSchema } from './units.ts';

const EVERY_MS = 5_000;
/** Three readings in a row, at the default pace: one that is off, such as the first after a restart, costs no outage. */
const FOR_MS = 10_000;
const MAX_AGE_MS = 30_000;

/** Trips on the result of a Prometheus query, an instant vector or a scalar. Of several series, one over the limit is enough. */
export interface PrometheusOptions {
  /** Address of the server, such as `http://127.0.0.1:9090`, or of whatever else answers `/api/v1/query` under it. */
  url: string;
  /** PromQL, such as `histogram_quantile(0.99, sum by (le) (rate(request_seconds_bucket[1m])))`. */
  query: string;
  /** Trips over this value. Either this or `below`. */
  above?: number;
  /** Trips under this value. */
  below?: number;
  /** It must hold for so long first; time without answers does not count. `0` trips at the first. @default '10s' */
  for?: Duration | 0;
  /** From query to query, and the longest that one may take. From `100ms` to `1h`. @default '5s' */
  every?: Duration;
  /** A sample older than this is no answer; and after so long without any, `for` begins anew. @default '30s', or three times `every` */
  maxAge?: Duration;
}

/** What a policy may list in `trip` besides the breaker's own conditions. */
export interface SignalTripOptions {
  /** The name, or names, of signals that are registered with `createBreakers`; any of them trips. */
  signal?: string | readonly string[];
  /** A Prometheus query over or under a limit. Needs `prometheus` of `createBreakers`. */
  prometheus?: PrometheusOptions;
}

/** The outside signals of a policy, as parsed. */
export interface SignalTripConfig {
  readonly signal?: readonly string[] | undefined;
  readonly prometheus?: PrometheusConfig | undefined;
}

/** `trip` as parsed: the breaker's own conditions, and signals. */
export type ParsedTrip = TripConfig & SignalTripConfig;

const signalName = z.string({ error: 'expected the name of a signal' }).min(1, { error: 'expected the name of a signal' });

const signalSchema: z.ZodType<readonly string[]> = z
  .union(
    [
      signalName.transform((name) => [name]),
      z.array(signalName).min(1, { error: 'is empty; expected the name of a signal, or leave signal out' }),
    ],
    {
      error: 'expected the name of a registered signal, or a list of names',
    },
  )
  .transform((names) => [...new Set(names)]);

const urlSchema = noted(z.string({ error: 'expected an address such as "http://127.0.0.1:9090"' }), {
  pattern: '^[hH][tT][tT][pP][sS]?://[^\\s/?#@]+([/?][^\\s#@]*)?$',
  not: { pattern: '^[^?]*/api/v1([/?]|$)' },
}).superRefine((text, context) => {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message, input: text });
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\/[^\s/?#]+([/?][^\s#]*)?$/i.test(text))
    refuse(`"${text}" is no address; expected one such as "http://127.0.0.1:9090"`);
  else if (text.includes('@'))
    refuse('carries a user or a password; give them in code: prometheus({ headers: { authorization: ... } })');
  else if (/^[^?]*\/api\/v1([/?]|$)/.test(text)) refuse('names the API; leave /api/v1 and what follows away');
});

const limitSchema = z.number({ error: 'expected a number' });

/** Fractions of up to nine digits from this one on, given with all nine. */
function fractionFrom(digits: string): string {
  const larger = Array.from(digits, (digit, at) =>
    digit === '9' ? '' : `${digits.slice(0, at)}[${Number(digit) + 1}-9]\\d{0,${8 - at}}`,
  );
  return `(${[...larger, digits].filter((pattern) => pattern !== '').join('|')})`;
}

/** From 100 ms to 1 h. */
const PACES = [
  String.raw`0{0,8}([1-9]\d{2,5}|[12]\d{6}|3[0-5]\d{5})(\.\d{1,9})?ms|0{0,8}3600000(\.0{1,9})?ms`,
  String.raw`0{0,11}([1-9]\d{0,2}|[12]\d{3}|3[0-5]\d{2})(\.\d{1,9})?s|0{0,11}3600(\.0{1,9})?s|0{1,15}\.[1-9]\d{0,8}s`,
  String.raw`0{0,13}([1-9]|[1-5]\d)(\.\d{1,9})?m|0{0,13}60(\.0{1,9})?m|0{1,15}\.${fractionFrom('001666667')}m`,
  String.raw`0{0,14}1(\.0{1,9})?h|0{1,15}\.${fractionFrom('000027778')}h`,
].join('|');

const everySchema = noted(
  durationSchema.refine((ms) => ms >= 100 && ms <= 3_600_000, { error: 'expected a duration from "100ms" to "1h"' }),
  { type: 'string', pattern: String.raw`^\s*(${PACES})\s*$` },
);

const prometheusSchema: z.ZodType<PrometheusConfig> = noted(
  z.strictObject(
    {
      url: urlSchema,
      query: z.string({ error: 'expected PromQL' }).regex(/\S/, { error: 'is empty; expected PromQL' }),
      above: limitSchema.optional(),
      below: limitSchema.optional(),
      for: z.union([z.literal(0), durationSchema], { error: 'expected a duration such as "10s", or 0' }).default(FOR_MS),
      every: everySchema.default(EVERY_MS),
      maxAge: durationSchema.optional(),
    },
    { error: 'expected options such as { url: "http://127.0.0.1:9090", query: "...", above: 5 }' },
  ),
  { id: 'PrometheusOptions', oneOf: [{ required: ['above'] }, { required: ['below'] }] },
)
  .superRefine(({ above, below, every, maxAge }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message, input: path });
    if (above === undefined && below === undefined) refuse('above', 'is missing; expected above or below, the value that trips');
    if (above !== undefined && below !== undefined) refuse('below', 'stands beside above; expected one of them');
    if (maxAge !== undefined && maxAge < every) {
      refuse(
        'maxAge',
        `is ${maxAge} ms, shorter than every (${every} ms), so that no time would ever count; expected at least as long`,
      );
    }
  })
  .transform(({ url, query, above, below, every, maxAge, ...rest }) => ({
    url,
    query,
    above,
    below,
    forMs: rest.for,
    everyMs: every,
    maxAgeMs: maxAge ?? Math.max(MAX_AGE_MS, 3 * every),
  }));

/** The types of {@link signalShape}. */
export interface SignalShape {
  readonly signal: z.ZodType<readonly string[]>;
  readonly prometheus: z.ZodType<PrometheusConfig>;
}

/** The signals of `trip` as schema fields, beside the breaker's own conditions. */
export const signalShape: SignalShape = { signal: signalSchema, prometheus: prometheusSchema };

/** The conditions that a breaker judges itself: `trip` without its signals. */
export function ownConditions(trip: ParsedTrip): TripConfig {
  const { signal, prometheus, ...own } = trip;
  return signal === undefined && prometheus === undefined ? trip : own;
}

/** Refuses signals where nothing would hear them, at a breaker that is used alone. */
export function refuseSignals({ trip }: { readonly trip?: ParsedTrip | undefined }, context: z.RefinementCtx): void {
  for (const name of ['signal', 'prometheus'] as const) {
    if (trip?.[name] === undefined) continue;
    const message =
      'is for policies, see createBreakers; a breaker that is used alone is tripped by code: breaker.trip(reason) or breaker.tripBySignal({ signal, message })';
    context.addIssue({ code: 'custom', path: ['trip', name], message, input: trip[name] });
  }
}
