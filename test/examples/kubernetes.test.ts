import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PrometheusRule, ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { Deployment } from 'kubernetes-models/apps/v1';
import { ConfigMap, Service } from 'kubernetes-models/v1';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { PROMETHEUS_RULE, prometheusRule } from '../../examples/kubernetes/prometheus-rule.ts';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import {
  type AnyObject,
  container,
  deployment,
  KUBERNETES,
  kustomization,
  objectFiles,
  objects,
  readObject,
} from './kubernetes-objects.ts';

const run = promisify(execFile);
const { KUBECTL = 'kubectl' } = process.env;
const folder = `temp/kubernetes-${process.pid}`;

/** What each kind is checked with, and where its type comes from. */
const MODELS = {
  ConfigMap: [ConfigMap, 'kubernetes-models/v1'],
  Deployment: [Deployment, 'kubernetes-models/apps/v1'],
  Service: [Service, 'kubernetes-models/v1'],
  ServiceMonitor: [ServiceMonitor, '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'],
  PrometheusRule: [PrometheusRule, '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'],
} as const;

const modelOf = ({ kind }: AnyObject) => MODELS[kind as keyof typeof MODELS];
const all = objects();

/** @throws where an object is not what its schema says */
function validate(object: AnyObject): void {
  const [Model] = modelOf(object);
  new Model(object as never).validate();
}

/** A program that has the types of the package only if no field is unknown, which the schemas alone do not say. */
function asProgram(object: AnyObject): string {
  const [, from] = modelOf(object);
  return `import type { I${object.kind} } from '${from}';\nexport const object: I${object.kind} = ${JSON.stringify(object, null, 2)};\n`;
}

async function typeErrors(some: readonly AnyObject[]): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  some.forEach((object, index) => {
    writeFileSync(join(folder, `${object.kind}-${index}.ts`), asProgram(object));
  });
  writeFileSync(join(folder, 'tsconfig.json'), '{ "extends": "../../tsconfig.json", "include": ["*.ts"], "exclude": [] }');
  const { stdout } = await run('node_modules/.bin/tsc', ['-p', folder]).catch((error: { stdout: string }) => error);
  return stdout;
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the objects of the Kubernetes example', () => {
  it('are all listed', () => {
    expect(all.map(({ kind }) => kind).sort()).toEqual(Object.keys(MODELS).sort());
    expect(kustomization.resources.toSorted()).toEqual(objectFiles().sort());
  });

  it.each(all.map((object) => [object.kind, object] as const))('are as their schemas say: %s', (_, object) => {
    validate(object);
    const { apiVersion, kind } = object;
    const [Model] = modelOf(object);
    expect({ apiVersion, kind }).toEqual({ apiVersion: Model.apiVersion, kind: Model.kind });
    // The check can fail.
    expect(() => validate({ ...object, metadata: { ...object.metadata, labels: { a: 5 } } } as never)).toThrow();
  });

  it('have no field that Kubernetes does not know', { timeout: 60_000 }, async () => {
    expect(await typeErrors(all)).toBe('');
    const misspelt = structuredClone(deployment) as unknown as { spec: { template: { spec: { containers: object[] } } } };
    Object.assign(misspelt.spec.template.spec.containers[0] as object, { livnessProbe: {} });
    expect(await typeErrors([misspelt as unknown as AnyObject])).toContain('livnessProbe');
  });

  it('belong to one application, by name and label', () => {
    const [{ pairs }] = kustomization.labels;
    const service = readObject('service.yaml') as { spec: { selector: object } };
    const monitor = readObject('service-monitor.yaml') as { spec: { selector: { matchLabels: object }; jobLabel: string } };
    for (const { metadata } of all) expect(metadata.labels).toEqual(pairs);
    expect(deployment.spec.selector.matchLabels).toEqual(pairs);
    expect(deployment.spec.template.metadata.labels).toEqual(pairs);
    expect(service.spec.selector).toEqual(pairs);
    expect(monitor.spec.selector.matchLabels).toEqual(pairs);
    // The job of the metrics is the service of the traces.
    expect(pairs[monitor.spec.jobLabel]).toBe(envOf('OTEL_SERVICE_NAME'));
  });

  it('lead to ports that there are', () => {
    const service = readObject('service.yaml') as { spec: { ports: { name: string; targetPort: string }[] } };
    const monitor = readObject('service-monitor.yaml') as { spec: { endpoints: { port: string }[] } };
    const ports = Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, containerPort]));
    for (const { targetPort } of service.spec.ports) expect(ports).toHaveProperty(targetPort);
    for (const { port } of monitor.spec.endpoints) expect(service.spec.ports.map(({ name }) => name)).toContain(port);
    expect(ports['metrics']).toBe(Number(envOf('OTEL_EXPORTER_PROMETHEUS_PORT')));
    const dockerfile = readFileSync(join(KUBERNETES, 'app/Dockerfile'), 'utf8');
    expect(dockerfile).toContain(`EXPOSE ${Object.values(ports).join(' ')}\n`);
  });

  it('mount the policy as a folder, where the process looks for it', () => {
    const [{ name, files }] = kustomization.configMapGenerator;
    // With a hash in its name a change would be a rollout.
    expect(kustomization.generatorOptions.disableNameSuffixHash).toBe(true);
    const volume = deployment.spec.template.spec.volumes.find(({ configMap }) => configMap.name === name);
    const mount = container.volumeMounts.find((candidate) => candidate.name === volume?.name);
    const file = envOf('GRPC_BREAKER_POLICY');
    expect(dirname(file)).toBe(mount?.mountPath);
    expect(files).toContain(basename(file));
    expect(mount).not.toHaveProperty('subPath');
  });

  it('have a policy that loads', () => {
    expect(loadPolicy(join(KUBERNETES, 'breakers.yaml')).methods?.length).toBe(2);
  });

  it('ask the process whether it is well, in every probe', () => {
    const probes = (['startupProbe', 'livenessProbe', 'readinessProbe'] as const).map((name) => container[name]?.httpGet);
    expect(probes.map((probe) => probe?.path)).toEqual(['/livez', '/livez', '/readyz']);
    expect(probes.map((probe) => probe?.port)).toEqual(['http', 'http', 'http']);
    // Not exec: that would be a process that NODE_OPTIONS holds for, too.
    expect(envOf('NODE_OPTIONS')).toBe('--import grpc-breaker/register');
  });

  it('have the rules of the observability example', () => {
    const rules = parse(readFileSync(join(KUBERNETES, '../observability/prometheus/rules.yml'), 'utf8')) as unknown;
    expect(
      (readObject('prometheus-rule.yaml') as { spec: unknown }).spec,
      'run node examples/kubernetes/prometheus-rule.ts',
    ).toEqual(rules);
    expect(readFileSync(PROMETHEUS_RULE, 'utf8')).toBe(prometheusRule());
  });

  it.skipIf(!hasKubectl())('are what kustomize makes of them, where there is a kubectl', { timeout: 30_000 }, async () => {
    const { stdout } = await run(KUBECTL, ['kustomize', KUBERNETES]);
    const made = parseAllDocuments(stdout).map((document) => document.toJS() as AnyObject);
    const byKind = (some: readonly AnyObject[]) => some.toSorted((a, b) => a.kind.localeCompare(b.kind));
    expect(byKind(made)).toEqual(byKind(all));
  });
});

function envOf(name: string): string {
  return container.env.find((variable) => variable.name === name)?.value ?? '';
}

function hasKubectl(): boolean {
  try {
    execFileSync(KUBECTL, ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
