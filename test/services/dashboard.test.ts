import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BREAKER } from '../../examples/observability/dashboards/breaker.ts';
import { dashboard } from '../../examples/observability/dashboards/dashboard.ts';
import { OVERVIEW } from '../../examples/observability/dashboards/overview.ts';
import { SERIES } from '../../examples/observability/dashboards/series.ts';
import { forkScriptedServer, type ScriptedServerProcess } from '../grpc/helpers/scripted-server-process.ts';
import { serviceAvailable } from './harness/availability.ts';
import { type Compose, inContainer, readYaml } from './harness/compose.ts';
import { composeProblems, dashboardProblems } from './harness/dashcheck.ts';
import {
  ALL,
  choicesOf,
  type DashboardQuery,
  fillIn,
  OBSERVABILITY,
  queriesOf,
  readDashboard,
  type Values,
  variableQuery,
} from './harness/grafana.ts';
import { type ObservedClient, startObservedClient } from './harness/observed-client.ts';
import { type RulesPrometheus, type Series, startRulesPrometheus } from './harness/rules-prometheus.ts';
import { toolAvailable, toolFile } from './harness/tools.ts';
import { until } from './harness/until.ts';

const PLANS = { overview: OVERVIEW, breaker: BREAKER } as const;
const NAMES = ['overview', 'breaker'] as const;
const METHOD = 'scripted.v1.Scripted/Unary';
/** Its policy observes. */
const OBSERVED = 'scripted.v1.Scripted/Upload';

describe('the dashboards', () => {
  it.each(NAMES)('%s is what scripts/dashboards.ts writes', (name) => {
    const file = join(OBSERVABILITY, `grafana/dashboards/${name}.generated.json`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(dashboard(PLANS[name]));
  });

  describe.skipIf(!toolAvailable('dashcheck'))('by the schema of Grafana and the grammar of PromQL', () => {
    it.each(NAMES)('%s is well formed', async (name) => {
      expect(await dashboardProblems(readDashboard(name))).toEqual([]);
    });

    it('a wrong field and a wrong query are found', async () => {
      const panel = { type: 'timeseries', title: 'wrong', gridPos: { x: 'left' }, targets: [{ expr: 'sum by (rate(x[5m])' }] };
      const problems = await dashboardProblems({ ...readDashboard('overview'), panels: [panel] });
      expect(problems).toContainEqual(expect.stringMatching(/gridPos/));
      expect(problems).toContainEqual(expect.stringMatching(/"wrong": no PromQL/));
    });
  });

  it('link to each other', () => {
    expect(JSON.stringify(readDashboard('overview'))).toContain(`/d/${readDashboard('breaker').uid}?`);
  });
});

describe('compose.yaml', () => {
  const compose = readYaml('compose.yaml') as Compose;
  const services = Object.entries(compose.services);

  it.skipIf(!toolAvailable('dashcheck'))('is well formed, by the schema of the Compose specification', async () => {
    expect(await composeProblems(compose)).toEqual([]);
    expect(await composeProblems({ services: { jaeger: { imagge: 'x' } } })).not.toEqual([]);
  });

  it.each(services)('%s is of a fixed version, and reached from this machine only', (_name, { image, ports }) => {
    expect(image).toMatch(/^[\w/]+:v?\d+\.\d+\.\d+$/);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('provisions what the dashboards and rules name', () => {
    const { datasources } = readYaml('grafana/provisioning/datasources/datasources.yml') as {
      datasources: { type: string; url: string }[];
    };
    const { providers } = readYaml('grafana/provisioning/dashboards/dashboards.yml') as {
      providers: { options: { path: string } }[];
    };
    expect(datasources.map(({ type }) => type)).toEqual(['prometheus', 'jaeger']);
    for (const { url } of datasources) expect(Object.keys(compose.services)).toContain(new URL(url).hostname);
    for (const name of NAMES) {
      const path = inContainer(compose, 'grafana', `grafana/dashboards/${name}.generated.json`);
      expect(path).toBe(`${providers[0]?.options.path}/${name}.generated.json`);
    }
    for (const folder of ['datasources', 'dashboards']) {
      const path = inContainer(compose, 'grafana', `grafana/provisioning/${folder}/${folder}.yml`);
      expect(path).toBe(`/etc/grafana/provisioning/${folder}/${folder}.yml`);
    }
    const { rule_files: rules } = readYaml('prometheus/prometheus.yml') as { rule_files: string[] };
    expect(inContainer(compose, 'prometheus', `prometheus/${rules[0]}`)).toBe(`/etc/prometheus/${rules[0]}`);
  });

  it.skipIf(!toolAvailable('dashcheck'))('has the versions whose schema and grammar are checked', () => {
    const installed = JSON.parse(readFileSync(toolFile('dashcheck', 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(compose.services['grafana']?.image).toBe(`grafana/grafana:${installed.dependencies['@grafana/schema']}`);
    // Prometheus 3.x is 0.30x in its packages.
    const [, minor] = /^0\.3(\d\d)\.\d+$/.exec(installed.dependencies['@prometheus-io/lezer-promql'] ?? '') ?? [];
    expect(compose.services['prometheus']?.image).toMatch(`:v3.${Number(minor)}.`);
  });
});

const isAvailable = serviceAvailable('prometheus');

describe.skipIf(!isAvailable)('the dashboards of a client that goes through an outage', () => {
  const startedMs = Date.now();
  let server: ScriptedServerProcess;
  let client: ObservedClient;
  let store: RulesPrometheus;
  let breaker: string;
  let values: Values;

  const now = (expr: string): Promise<Series[]> => store.query(fillIn(expr, values));
  const sawClosed = (state: number) => async () =>
    (
      await store.query(
        `${SERIES.status}{grpc_breaker_circuit_breaker_state="closed", grpc_breaker_circuit_breaker_name=~".*iris.*"}`,
      )
    )[0]?.values[0] === state;

  beforeAll(async () => {
    server = await forkScriptedServer();
    const { target } = server;
    breaker = `${target}/${METHOD}[iris]`;
    client = await startObservedClient(target);
    store = await startRulesPrometheus('bot', client.metricsTarget);
    await until('what is usual has been learned', async () => (await store.query(SERIES.baselineLatency)).length > 0);
    await server.kill();
    await until('Prometheus sees the trip', sawClosed(0));
    await pause(2000);
    server = await forkScriptedServer(Number(target.split(':')[1]));
    await until('Prometheus sees that it has closed', sawClosed(1));
    client.tell({ forced: true, blind: true });
    await pause(1500);
    client.tell({ forced: false });
    await until('Prometheus sees that it has closed again', sawClosed(1));
    await pause(1000);
    values = {
      job: 'bot',
      target: ALL,
      method: ALL,
      breaker,
      __rate_interval: '2s',
      __interval: '2s',
      __range: `${Math.ceil((Date.now() - startedMs) / 1000)}s`,
    };
  });
  afterAll(async () => {
    await store?.stop();
    await client?.stop();
    await server?.kill();
  });

  const answered = async (query: DashboardQuery, chosen: Values): Promise<void> => {
    const expr = fillIn(query.expr, chosen);
    const series = query.instant ? await store.query(expr) : await store.queryRange(expr, startedMs);
    const numbers = series.flatMap(({ values: all }) => all.filter((value) => !Number.isNaN(value)));
    expect(numbers.length, `no value: ${expr}`).toBeGreaterThan(0);
  };

  for (const name of NAMES) {
    const queries = queriesOf(readDashboard(name));
    it.each(queries.map((query) => [query.title, query] as const))(`${name}: %s`, (_title, query) => answered(query, values));
  }

  it.each(queriesOf(readDashboard('overview')).map((query) => [query.title, query] as const))(
    'overview, of a chosen service, target and method: %s',
    (_title, query) =>
      answered(query, { ...values, job: ['bot', 'other'], target: [breaker.split('/')[0] ?? ''], method: [METHOD, OBSERVED] }),
  );

  it('is silent about targets and methods that were not chosen', async () => {
    const { expr } = queriesOf(readDashboard('overview')).find(({ title }) => title.startsWith('States:')) as DashboardQuery;
    for (const other of [
      { target: ['127.0.0.1'] },
      { method: ['v1.Scripted/Unary'] },
      { method: ['scripted.v1.Scripted/Una'] },
      { job: ['b.t'] },
    ]) {
      expect(await store.query(fillIn(expr, { ...values, ...other }))).toEqual([]);
    }
  });

  it('offers the services, targets, methods and breakers that there are', async () => {
    const page = readDashboard('breaker');
    const offered = async (name: string): Promise<string[]> => {
      const { label, selector } = variableQuery(page, name, values);
      return choicesOf(page, name, await store.labelValues(label, selector));
    };
    expect(await offered('job')).toEqual(['bot']);
    expect(await offered('target')).toEqual([breaker.split('/')[0]]);
    expect(await offered('method')).toEqual([METHOD, OBSERVED]);
    const observed = `${breaker.split('/')[0]}/${OBSERVED}`;
    expect(await offered('breaker')).toEqual([breaker, breaker.replace('iris', 'wine'), observed]);
  });

  it.each([
    ['dns:///models.example:443/pkg.v1.Models/Infer[iris][a/b]', 'dns:///models.example:443', 'pkg.v1.Models/Infer'],
    ['unix:/run/models.sock/Greeter/Hello', 'unix:/run/models.sock', 'Greeter/Hello'],
    ['pkg.v1.Models/Infer[iris]', undefined, 'pkg.v1.Models/Infer'],
    ['127.0.0.1:80', undefined, undefined],
  ])('takes %s apart', (name, target, method) => {
    const page = readDashboard('breaker');
    expect(choicesOf(page, 'target', [name])[0]).toBe(target);
    expect(choicesOf(page, 'method', [name])[0]).toBe(method);
  });

  it('shows the outage as it was', async () => {
    const of = (title: string): string =>
      queriesOf(readDashboard('breaker')).find((query) => query.title.startsWith(`${title}:`))?.expr ?? '';
    const [states] = await store.queryRange(fillIn(of('States'), values), startedMs);
    expect(new Set(states?.values)).toEqual(new Set([...(states?.values.includes(1) ? [1] : []), 0, 2]));
    expect(states?.values.at(-1)).toBe(0);
    const shares = await now(of('What became of the calls'));
    expect(shares.reduce((sum, { values: [share = 0] }) => sum + share, 0)).toBeCloseTo(1);
    const changes = await now(of('Changes of state in this time'));
    const reasons = changes.map(({ metric }) => metric['grpc_breaker_circuit_breaker_reason']);
    expect(reasons).toEqual(expect.arrayContaining(['consecutive_failures', 'open_period_over', 'trials_succeeded']));
  });

  it('asks for series that are there', async () => {
    const metrics = await client.metrics();
    for (const series of Object.values(SERIES)) {
      expect(new RegExp(`^${series}(_count)?\\{`, 'm').test(metrics), series).toBe(true);
    }
  });
});
