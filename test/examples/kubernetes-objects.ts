import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';

/** The folder of the example. */
export const KUBERNETES: string = join(import.meta.dirname, '../../examples/kubernetes');

/** Any object of Kubernetes, as far as all are alike. */
export interface AnyObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
}

/** What is looked at of the container. */
export interface Container {
  readonly image: string;
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[];
  readonly [probe: `${string}Probe`]: { readonly httpGet?: { readonly path: string; readonly port: string } };
}

/** What is looked at of the Deployment. */
export interface Deployment extends AnyObject {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly containers: readonly [Container];
        readonly volumes: readonly { readonly name: string; readonly configMap: { readonly name: string } }[];
      };
    };
  };
}

/** What kustomization.yaml says. */
export interface Kustomization {
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly [{ readonly name: string; readonly files: readonly string[] }];
  readonly generatorOptions: { readonly disableNameSuffixHash: boolean };
  readonly labels: readonly [{ readonly pairs: Readonly<Record<string, string>> }];
}

/** A file of the example. */
export function readObject(file: string): unknown {
  return parse(readFileSync(join(KUBERNETES, file), 'utf8'));
}

/** The file that says what belongs together. */
export const kustomization: Kustomization = readObject('kustomization.yaml') as Kustomization;

/** The Deployment. */
export const deployment: Deployment = readObject('deployment.yaml') as Deployment;

/** Its container. */
export const container: Container = deployment.spec.template.spec.containers[0];

/** The objects of the example, with the ConfigMap that kustomize makes of the policy. */
export function objects(): AnyObject[] {
  const [{ name, files }] = kustomization.configMapGenerator;
  const data = Object.fromEntries(files.map((file) => [basename(file), readFileSync(join(KUBERNETES, file), 'utf8')]));
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: kustomization.labels[0].pairs }, data };
  return [map, ...kustomization.resources.map((file) => readObject(file) as AnyObject)];
}

/** Its YAML files that are objects of a cluster. */
export function objectFiles(): string[] {
  const others = ['kustomization.yaml', ...kustomization.configMapGenerator.flatMap(({ files }) => files)];
  return readdirSync(KUBERNETES).filter((file) => file.endsWith('.yaml') && !others.includes(file));
}
