import type { ClientOptions } from '@grpc/grpc-js';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import type { PackageEntry } from '../harness/suite.ts';
import { noopInterceptor } from './noop-call.ts';

/** What a client may be made with, under the name that its figures have. */
export interface Contender {
  readonly name: string;
  readonly options: ClientOptions;
}

/** Every contender: no interceptor, the no-op class, and ours in some configurations. */
export function contenders(entry: PackageEntry, target: string): Contender[] {
  const method = { trip: { failureRate: {} } };
  const plain = entry.createBreakers({ methods: [method] });
  const untold = entry.createBreakers({ methods: [method] }, { telemetry: false });
  // Without a reader: collecting is not a part of a call.
  const told = entry.createBreakers(
    { methods: [method] },
    { telemetry: { meterProvider: new MeterProvider(), tracerProvider: new TracerProvider() } },
  );
  // So long that it never ends a call here.
  const hurried = entry.createBreakers({ methods: [{ ...method, deadline: '10s' }] });
  const byModel = entry.createBreakers({ methods: [{ ...method, key: ['target', 'method', 'request.model_name'] }] });
  return [
    { name: 'none', options: {} },
    { name: 'noop', options: { interceptors: [noopInterceptor] } },
    { name: 'ours', options: plain.clientOptions(target) },
    { name: 'ours.noTelemetry', options: untold.clientOptions(target) },
    { name: 'ours.sdk', options: told.clientOptions(target) },
    { name: 'ours.deadline', options: hurried.clientOptions(target) },
    { name: 'ours.requestKey', options: byModel.clientOptions(target) },
  ];
}

/** What the names mean, for the table. */
export const CONTENDER_NAMES: Readonly<Record<string, string>> = {
  none: 'no interceptor',
  noop: 'the no-op class',
  ours: 'ours',
  'ours.noTelemetry': 'ours, telemetry: false',
  'ours.sdk': 'ours, with an OpenTelemetry SDK',
  'ours.deadline': 'ours, with a deadline in the policy',
  'ours.requestKey': 'ours, with a key from the request',
};
