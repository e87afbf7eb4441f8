import { type Attributes, ValueType } from '@opentelemetry/api';
import { type Histogram, type MetricData, MetricReader } from '@opentelemetry/sdk-metrics';
import { P } from './names.ts';

/** Reads metrics when a test asks for them. */
export class TestMetricReader extends MetricReader {
  /** What the package reports now, by the metric's name without its prefix. */
  async read(): Promise<Map<string, MetricData>> {
    const { resourceMetrics, errors } = await this.collect();
    if (errors.length > 0) throw new AggregateError(errors, 'the metrics could not be collected');
    const own = resourceMetrics.scopeMetrics.filter(({ scope }) => scope.name === 'grpc-breaker');
    return new Map(own.flatMap(({ metrics }) => metrics).map((metric) => [metric.descriptor.name.slice(P.length), metric]));
  }

  /** The series of a metric as `attribute values: value`, the breaker's name first and attributes by their names; sorted. */
  async series(metric: string): Promise<string[]> {
    const data = (await this.read()).get(metric);
    return (data?.dataPoints ?? []).map(({ attributes, value }) => `${text(attributes)}: ${count(value)}`).sort();
  }

  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

function text(attributes: Attributes): string {
  const { [`${P}name`]: name, ...others } = attributes;
  const pairs = Object.entries(others).map(([key, value]) => `${key.slice(P.length)}=${String(value)}`);
  return [...(name === undefined ? [] : [name as string]), ...pairs.sort()].join(' ');
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : (value as Histogram).count;
}

/** Whether a metric's values are whole numbers by its descriptor. */
export function isInteger(data: MetricData | undefined): boolean {
  return data?.descriptor.valueType === ValueType.INT;
}
