import { startPrometheus } from './prometheus.ts';

/** One series of an answer. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Its values: one for an instant query, one for each step of a range. */
  readonly values: readonly number[];
}

/** An alert that is pending or firing. */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

/** A running Prometheus that evaluates rules, with an empty store. */
export interface RulesPrometheus {
  /** An instant query. @throws what Prometheus says against it */
  query(expr: string): Promise<Series[]>;
  /** A query over the time since then, half a second from step to step. */
  queryRange(expr: string, fromMs: number): Promise<Series[]>;
  /** The values of a label, of the series that a selector chooses. */
  labelValues(label: string, selector: string): Promise<string[]>;
  /** The alerts there are now. */
  alerts(): Promise<Alert[]>;
  /** Ends it. */
  stop(): Promise<void>;
}

type Sample = readonly [atSeconds: number, value: string];
interface Result {
  readonly metric: Record<string, string>;
  readonly value?: Sample;
  readonly values?: readonly Sample[];
}

/** Scrapes and evaluates this often. */
const SCRAPE_MS = 250;

/**
 * Starts Prometheus on a free port, scraping a target each 250 ms, and waits until it is ready.
 * @param job - the name of the job
 * @param target - what to scrape
 * @param rules - a file of rules, as an object
 */
export async function startRulesPrometheus(
  job: string,
  target: string,
  rules: object = { groups: [] },
): Promise<RulesPrometheus> {
  const prometheus = await startPrometheus(target, { job, rules, everyMs: SCRAPE_MS });
  const ask = async (path: string, parameters: Record<string, string>): Promise<unknown> => {
    const answer = await fetch(`${prometheus.url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { data, error } = (await answer.json()) as { data?: unknown; error?: string };
    if (data === undefined) throw new Error(`${error}: ${JSON.stringify(parameters)}`);
    return data;
  };
  const seriesOf = (data: unknown): Series[] => {
    const { resultType, result } = data as { resultType: string; result: readonly Result[] | Sample };
    if (resultType === 'scalar') return [{ metric: {}, values: [Number((result as Sample)[1])] }];
    return (result as readonly Result[]).map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
      metric,
      values: values.map(([, number]) => Number(number)),
    }));
  };
  return {
    query: async (expr) => seriesOf(await ask('query', { query: expr })),
    queryRange: async (expr, fromMs) =>
      seriesOf(
        await ask('query_range', {
          query: expr,
          start: String(fromMs / 1000),
          end: String(Date.now() / 1000),
          step: '0.5',
        }),
      ),
    labelValues: async (label, selector) => (await ask(`label/${label}/values`, { 'match[]': selector })) as string[],
    alerts: async () => ((await ask('alerts', {})) as { alerts: Alert[] }).alerts,
    stop: () => prometheus.stop(),
  };
}
