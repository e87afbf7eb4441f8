/** A link as Jaeger's API gives it. */
export interface StoredLink {
  readonly traceId: string;
  readonly spanId: string;
}

/** A span as Jaeger's API gives it (OTLP as JSON), with its attributes as a plain object. */
export interface StoredSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly service: string;
  /** `2` is an error, as in OTLP. */
  readonly statusCode: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly StoredLink[];
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly status?: { readonly code?: number };
  readonly attributes?: readonly OtlpAttribute[];
  readonly links?: readonly StoredLink[];
}

interface OtlpTraces {
  readonly result?: {
    readonly resourceSpans?: readonly {
      readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
      readonly scopeSpans?: readonly { readonly spans?: readonly OtlpSpan[] }[];
    }[];
  };
}

function plain(attributes: readonly OtlpAttribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

function spansOf(traces: OtlpTraces): StoredSpan[] {
  return (traces.result?.resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) => {
    const service = String(plain(resource?.attributes)['service.name']);
    return scopeSpans
      .flatMap(({ spans = [] }) => spans)
      .map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || undefined,
        name: span.name,
        service,
        statusCode: span.status?.code ?? 0,
        attributes: plain(span.attributes),
        links: span.links ?? [],
      }));
  });
}

/** Jaeger's query API, version 3. */
export class JaegerQuery {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** The spans of a trace; none when Jaeger does not know it. */
  async trace(traceId: string): Promise<StoredSpan[]> {
    return this.#spans(`/api/v3/traces/${traceId}`);
  }

  /**
   * The spans of every trace in which a service has a span of this name.
   * @param most - at most so many traces
   */
  async search(service: string, spanName: string, most = 100): Promise<StoredSpan[]> {
    const query = new URLSearchParams({
      'query.service_name': service,
      'query.operation_name': spanName,
      'query.start_time_min': new Date(Date.now() - 3_600_000).toISOString(),
      'query.start_time_max': new Date(Date.now() + 60_000).toISOString(),
      'query.num_traces': String(most),
    });
    return this.#spans(`/api/v3/traces?${query}`);
  }

  /** The ids of the traces that Jaeger's page finds: a span of this name that has these tags. */
  async find(service: string, operation: string, tags: Readonly<Record<string, string>>, most = 100): Promise<string[]> {
    const query = new URLSearchParams({
      service,
      operation,
      tags: JSON.stringify(tags),
      // In microseconds.
      start: String((Date.now() - 3_600_000) * 1_000),
      end: String((Date.now() + 60_000) * 1_000),
      limit: String(most),
    });
    const answer = await fetch(`${this.#url}/api/traces?${query}`);
    const { data } = (await answer.json()) as { data: readonly { readonly traceID: string }[] };
    return data.map(({ traceID }) => traceID);
  }

  async #spans(path: string): Promise<StoredSpan[]> {
    const answer = await fetch(this.#url + path);
    if (answer.status === 404) return [];
    if (!answer.ok) throw new Error(`Jaeger answered ${answer.status} to ${path}: ${await answer.text()}`);
    return spansOf((await answer.json()) as OtlpTraces);
  }
}
