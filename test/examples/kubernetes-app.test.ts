import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPackageDefinition, Server, ServerCredentials, type ServiceDefinition, status as Status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ConfigMap } from '../reload/helpers/config-map.ts';
import { startPriceDesk } from './kubernetes-app.ts';
import { KUBERNETES } from './kubernetes-objects.ts';

/** More than the policy asks for before it judges. */
const ENOUGH = 60;

const loaded = loadPackageDefinition(loadSync(join(KUBERNETES, 'app/prices.proto'), { keepCase: true })) as unknown as {
  prices: { v1: { Prices: { service: ServiceDefinition } } };
};

const policy = readFileSync(join(KUBERNETES, 'breakers.yaml'), 'utf8');
const others = { 'prices.proto': readFileSync(join(KUBERNETES, 'app/prices.proto'), 'utf8') };

/** The service that the desk asks. */
async function startPrices() {
  const prices = { isIll: false, calls: 0, target: '' };
  const server = new Server();
  server.addService(loaded.prices.v1.Prices.service, {
    GetPrice: (call: { request: { symbol: string } }, answer: (error: object | null, price?: object) => void) => {
      prices.calls++;
      if (prices.isIll) answer({ code: Status.UNAVAILABLE, details: 'the market is closed' });
      else answer(null, { symbol: call.request.symbol, price: 12.5, is_indicative: false });
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  onTestFinished(() => server.forceShutdown());
  return Object.assign(prices, { target: `127.0.0.1:${port}` });
}

it('the application of the Kubernetes example runs as its Deployment says, protected and steered by its ConfigMap', {
  timeout: 60_000,
}, async () => {
  const prices = await startPrices();
  const map = new ConfigMap(policy, others);
  const desk = await startPriceDesk(prices.target, map.file);
  const soon = (check: () => Promise<void>) =>
    vi.waitFor(check, { timeout: 15_000, interval: 50 }).catch((error: Error) => {
      throw new Error(`${error.message}\n${desk.output.join('')}`, { cause: error });
    });
  const metrics = async () => (await desk.get('/metrics', desk.ports.metrics))[1];
  await soon(async () => expect((await desk.get('/readyz'))[0]).toBe(200));

  expect(await desk.get('/prices/ACME')).toEqual([200, '{"symbol":"ACME","price":12.5,"is_indicative":false}']);
  const series = String.raw`^grpc_breaker_circuit_breaker_status\{[^}]*prices\.v1\.Prices/GetPrice[^}]*state="closed"[^}]*\}`;
  expect(await metrics()).toMatch(new RegExp(`${series} 1$`, 'm'));

  // The other service falls ill: the last good price is what callers get, and the probes say what they said before.
  prices.isIll = true;
  const answers: number[] = [];
  for (let call = 0; call < ENOUGH; call++) answers.push((await desk.get('/prices/ACME'))[0]);
  expect(answers[0]).toBe(502);
  expect(answers.at(-1)).toBe(200);
  expect(prices.calls).toBeLessThan(ENOUGH);
  expect(await metrics()).toMatch(new RegExp(`${series} 0$`, 'm'));
  expect((await desk.get('/livez'))[0]).toBe(200);
  expect((await desk.get('/readyz'))[0]).toBe(200);

  // A mistake changes nothing; the next version of the ConfigMap takes the breaker away, without a restart.
  map.swap('methods: [{ openFor: "5" }]');
  await soon(async () => expect(await metrics()).toMatch(/^\w+_policy_reloads_total\{[^}]*refused[^}]*\} 1$/m));
  expect((await desk.get('/prices/ACME'))[0]).toBe(200);
  map.swap('methods: [{ mode: off }]');
  await soon(async () => expect((await desk.get('/prices/ACME'))[0]).toBe(502));
  map.swap(policy);
  prices.isIll = false;
  await soon(async () => {
    await desk.get('/prices/ACME');
    expect(await metrics()).toMatch(new RegExp(`${series} 1$`, 'm'));
  });

  desk.process.kill('SIGTERM');
  expect(await once(desk.process, 'exit')).toEqual([0, null]);
});

it('starts without its ConfigMap, says that it is unprotected, and is protected when the ConfigMap comes', {
  timeout: 60_000,
}, async () => {
  const prices = await startPrices();
  prices.isIll = true;
  const map = new ConfigMap(undefined, others);
  const desk = await startPriceDesk(prices.target, map.file);
  const answer = async (code: number) => expect((await desk.get('/prices/ACME'))[0]).toBe(code);
  const patience = { timeout: 15_000, interval: 50 };
  await vi.waitFor(() => answer(502), patience);
  await vi.waitFor(() => expect(desk.output.join('')).toContain('cannot be read'), patience);
  expect(desk.output.join('')).toContain('have no breakers until');
  map.swap(policy);
  const metrics = async () => (await desk.get('/metrics', desk.ports.metrics))[1];
  await vi.waitFor(async () => {
    await answer(502);
    expect(await metrics()).toMatch(/_status\{[^}]*GetPrice/);
  }, patience);
});
