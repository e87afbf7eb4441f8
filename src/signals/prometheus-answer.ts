/** A number that a query gave. */
export interface Sample {
  /** Such as `{model="iris"}`, empty for a scalar. */
  readonly labels: string;
  /** Never NaN; may be Infinity. */
  readonly value: number;
  /** When it was evaluated, in milliseconds since 1970, on Prometheus's clock. */
  readonly atMs: number;
}

/** A number as Prometheus writes it: Go's 'f' and 'g' formats, NaN and the infinities. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** So much of the labels is shown, in characters. */
const SHOWN_LABELS = 200;

/**
 * The samples of an answer of `/api/v1/query`, at least one.
 * @throws with a text for people when it is anything else, or has no number in it
 */
export function readAnswer(text: string): Sample[] {
  const answer = parsed(text);
  if (answer['status'] === 'error') throw new Error(`Prometheus answers with an error${errorOf(answer)}`);
  const data = answer['data'] as Record<string, unknown> | null | undefined;
  if (answer['status'] !== 'success' || typeof data !== 'object' || data === null)
    throw new Error(`no answer of Prometheus's API: ${shown(text)}`);
  return readData(data);
}

/** What an answer with a bad HTTP status says, such as `: bad_data: parse error`; empty when it says nothing. */
export function readError(text: string): string {
  try {
    return errorOf(parsed(text));
  } catch {
    return '';
  }
}

function errorOf({ errorType, error }: Record<string, unknown>): string {
  return errorType === undefined ? '' : `: ${shown(errorType)}: ${shown(error)}`;
}

function parsed(text: string): Record<string, unknown> {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Error(`no JSON: ${shown(text)}`);
  }
  if (typeof answer !== 'object' || answer === null) throw new Error(`no answer of Prometheus's API: ${shown(text)}`);
  return answer as Record<string, unknown>;
}

function readData({ resultType, result }: Record<string, unknown>): Sample[] {
  if (resultType !== 'vector' && resultType !== 'scalar')
    throw new Error(`the query gives a ${shown(resultType)}; expected an instant vector or a scalar`);
  if (!Array.isArray(result)) throw new Error(`a ${resultType} without a list of results`);
  const series: readonly unknown[] = resultType === 'scalar' ? [{ value: result }] : result;
  if (series.length === 0) throw new Error('the query gives no series');
  const samples = series.flatMap(readSeries);
  if (samples.length === 0) throw new Error(`the query gives no number: ${shown(JSON.stringify(series[0]))}`);
  return samples;
}

/** A series without a number (NaN, a native histogram) says nothing; others beside it still do. */
function readSeries(series: unknown): Sample[] {
  const { metric, value } = (series ?? {}) as { metric?: unknown; value?: unknown };
  if (!Array.isArray(value)) return [];
  const [seconds, text] = value as readonly unknown[];
  const number = readNumber(text);
  if (typeof seconds !== 'number' || number === undefined) return [];
  return [{ labels: labelsOf(metric), value: number, atMs: seconds * 1000 }];
}

/** Undefined for NaN and for what is no number at all. */
function readNumber(text: unknown): number | undefined {
  if (text === '+Inf' || text === 'Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  return typeof text === 'string' && NUMBER.test(text) ? Number(text) : undefined;
}

function labelsOf(metric: unknown): string {
  if (typeof metric !== 'object' || metric === null) return '';
  const labels = Object.entries(metric).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return labels.length === 0 ? '' : `{${labels.join(',')}}`.slice(0, SHOWN_LABELS);
}

/** The beginning of a text that came over the wire, in one line. */
function shown(value: unknown): string {
  const text = (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')).replaceAll(/\s+/g, ' ');
  return text.length > 120 ? `${text.slice(0, 120)}...` : text;
}
