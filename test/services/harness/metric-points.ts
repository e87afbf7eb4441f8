import type { Attributes } from '@opentelemetry/api';
import { type Histogram, MetricReader } from '@opentelemetry/sdk-metrics';

/** One series of a metric at the time of a collection. */
export interface MetricPoint {
  readonly attributes: Attributes;
  /** A sum's or gauge's value; of a histogram how many values it has. */
  readonly value: number;
  /** The sum of a histogram's values. */
  readonly sum: number | undefined;
}

/** Reads metrics when a test asks for them. */
export class MetricPoints extends MetricReader {
  /** The series of a metric; none when it does not exist. */
  async read(metric: string): Promise<MetricPoint[]> {
    const { resourceMetrics, errors } = await this.collect();
    if (errors.length > 0) throw new AggregateError(errors, 'the metrics could not be collected');
    const found = resourceMetrics.scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .filter(({ descriptor }) => descriptor.name === metric);
    return found.flatMap(({ dataPoints }) =>
      dataPoints.map(({ attributes, value }) => {
        if (typeof value === 'number') return { attributes, value, sum: undefined };
        const { count, sum } = value as Histogram;
        return { attributes, value: count, sum };
      }),
    );
  }

  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}
