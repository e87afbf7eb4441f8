import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { startTelemetry } from '../../examples/telemetry.ts';
import { createBreakers } from '../../src/index.ts';
import { freePort } from '../services/harness/free-port.ts';

it('startTelemetry sends outages to a collector, whatever is sampled, and has a page for Prometheus', async () => {
  const paths: string[] = [];
  const collector = createServer((request, response) => {
    paths.push(request.url ?? '');
    request.resume().on('end', () => response.end());
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const prometheusPort = await freePort();
  const otlp = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const stop = startTelemetry({ service: 'example', otlp, prometheusPort, sampled: 0 });
  const breakers = createBreakers({ methods: [{}] });
  const { Client, credentials } = await import('@grpc/grpc-js');
  const target = '127.0.0.1:1'; // nothing listens there
  const client = new Client(target, credentials.createInsecure(), breakers.clientOptions(target));
  const call = () =>
    new Promise((resolve) =>
      client.makeUnaryRequest(
        '/a.B/Ask',
        () => Buffer.alloc(0),
        (bytes) => bytes,
        {},
        resolve,
      ),
    );
  await call();
  breakers.list()[0]?.trip('by hand');
  const page = await (await fetch(`http://127.0.0.1:${prometheusPort}/metrics`)).text();
  expect(page).toMatch(/^grpc_breaker_circuit_breaker_status\{[^}]*Ask[^}]*state="open"[^}]*\} 1$/m);
  client.close();
  breakers.dispose();
  await stop();
  collector.close();
  // Neither the call's span nor anything else was sampled: the trace is the trip's.
  expect(paths).toContain('/v1/traces');
  expect(paths).toContain('/v1/metrics');
});
