import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { forkScriptedServer, type ScriptedServerProcess } from '../grpc/helpers/scripted-server-process.ts';
import { serviceAvailable } from './harness/availability.ts';
import { OBSERVABILITY } from './harness/grafana.ts';
import { type ObservedClient, startObservedClient } from './harness/observed-client.ts';
import { type RulesPrometheus, startRulesPrometheus } from './harness/rules-prometheus.ts';
import { readRules, speedUp } from './harness/scaled-rules.ts';
import { toolAvailable, toolFile } from './harness/tools.ts';
import { until } from './harness/until.ts';

const RULES = readRules();
const ALERTS = RULES.groups.flatMap(({ rules }) => rules.filter(({ alert }) => alert !== undefined));
const FOLDER = join(OBSERVABILITY, 'prometheus');

/** What a file of promtool's unit tests says, as far as it is looked at here. */
interface UnitTests {
  readonly tests: readonly {
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts?: readonly unknown[] }[];
  }[];
}

describe.skipIf(!toolAvailable('promtool'))('the rules, by promtool', () => {
  const promtool = (...args: readonly string[]): Promise<{ stdout: string }> =>
    promisify(execFile)(toolFile('promtool', 'bin/promtool'), args, { cwd: FOLDER });

  it.each([
    ['check', 'rules', 'rules.yml'],
    ['check', 'config', 'prometheus.yml'],
    ['test', 'rules', 'rules.test.yml'],
  ])('%s %s %s', async (...args) => {
    expect((await promtool(...args)).stdout).toContain('SUCCESS');
  });

  it.each(ALERTS.map(({ alert }) => alert))('%s is tested firing, and not firing', (name) => {
    const { tests } = parse(readFileSync(join(FOLDER, 'rules.test.yml'), 'utf8')) as UnitTests;
    const expected = tests.flatMap(({ alert_rule_test: all }) =>
      all.filter(({ alertname }) => alertname === name).map(({ exp_alerts: alerts = [] }) => alerts.length > 0),
    );
    expect(new Set(expected)).toEqual(new Set([true, false]));
  });
});

it.each(ALERTS.map((rule) => [rule.alert, rule.annotations] as const))('%s leads to its cause', (_name, annotations) => {
  expect(annotations).toMatchObject({
    summary: expect.stringContaining('{{ $labels.'),
    description: expect.stringMatching(/\.$/),
    runbook_url: expect.stringMatching(/^docs\/alert-to-cause\.md#[a-z-]+$/),
    dashboard: expect.stringContaining('/d/grpc-breaker-'),
  });
});

/** Five minutes of the rules are so many seconds less here. */
const FASTER = 120;

describe.skipIf(!serviceAvailable('prometheus'))(`the alerts in a real outage, ${FASTER} times as fast`, () => {
  let server: ScriptedServerProcess;
  let client: ObservedClient;
  let store: RulesPrometheus;

  const firing = async (): Promise<string[]> => {
    const alerts = await store.alerts();
    return [...new Set(alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels['alertname'] ?? ''))];
  };
  const fires = (name: string): Promise<unknown> =>
    until(`${name} fires`, async () => (await firing()).includes(name), { withinMs: 45_000 });
  const resolves = (name: string): Promise<unknown> =>
    until(`${name} is resolved`, async () => !(await firing()).includes(name), { withinMs: 45_000 });

  beforeAll(async () => {
    server = await forkScriptedServer();
    client = await startObservedClient(server.target);
    store = await startRulesPrometheus('bot', client.metricsTarget, speedUp(RULES, FASTER));
  });
  afterAll(async () => {
    await store?.stop();
    await client?.stop();
    await server?.kill();
  });

  it('are silent while all is well', async () => {
    await until('the recording rules have values', async () => {
      const records = RULES.groups.flatMap(({ rules }) => rules.flatMap(({ record }) => record ?? []));
      const answers = await Promise.all(records.map((record) => store.query(`${record} >= 0`)));
      return answers.every((series) => series.length > 0);
    });
    await pause(3_000);
    expect(await firing()).toEqual([]);
  });

  it('a crash of the server: open too long, and a share of fallbacks, until it is back', async () => {
    const { target } = server;
    await server.kill();
    await Promise.all([fires('GrpcBreakerOpenTooLong'), fires('GrpcBreakerFallbackShare')]);
    const [alert] = (await store.alerts()).filter(({ labels }) => labels['alertname'] === 'GrpcBreakerOpenTooLong');
    expect(alert?.annotations['summary']).toMatch(/^127\.0\.0\.1:\d+\/scripted\.v1\.Scripted\/Unary\[\w+\] has not been closed/);
    expect(await firing()).not.toContain('GrpcBreakerFlapping');
    server = await forkScriptedServer(Number(target.split(':')[1]));
    await Promise.all([resolves('GrpcBreakerOpenTooLong'), resolves('GrpcBreakerFallbackShare')]);
  });

  it('a server that is well in between: flapping', async () => {
    for (let trip = 0; trip < 6; trip++) {
      client.tell({ script: { code: status.UNAVAILABLE } });
      await pause(400);
      client.tell({ script: {} });
      await pause(1_200);
    }
    await fires('GrpcBreakerFlapping');
    expect(await firing()).not.toContain('GrpcBreakerOpenTooLong');
    await resolves('GrpcBreakerFlapping');
  });

  it('a signal that has no readings: blind, until it has', async () => {
    client.tell({ blind: true });
    await fires('GrpcBreakerSignalBlind');
    client.tell({ blind: false });
    await resolves('GrpcBreakerSignalBlind');
  });

  it('an override that was forgotten', { timeout: 90_000 }, async () => {
    client.tell({ forced: true });
    await fires('GrpcBreakerOverrideForgotten');
    client.tell({ forced: false });
    await resolves('GrpcBreakerOverrideForgotten');
    await until('all is well', async () => (await firing()).length === 0);
  });
});
