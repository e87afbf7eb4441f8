import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { OBSERVABILITY } from './grafana.ts';

/** A compose file, as far as it is looked at. */
export interface Compose {
  readonly services: Readonly<
    Record<string, { readonly image: string; readonly ports: readonly string[]; readonly volumes?: readonly string[] }>
  >;
}

/** Reads a YAML file of the example. */
export function readYaml(path: string): unknown {
  return parse(readFileSync(join(OBSERVABILITY, path), 'utf8'));
}

/** Where a file of the example is in a container, `undefined` where it is not there. */
export function inContainer({ services }: Compose, service: string, file: string): string | undefined {
  for (const volume of services[service]?.volumes ?? []) {
    const [from = '', to = ''] = volume.split(':');
    const path = from.replace(/^\.\//, '');
    if (from.startsWith('.') && (file === path || file.startsWith(`${path}/`)) && existsSync(join(OBSERVABILITY, file)))
      return to + file.slice(path.length);
  }
  return undefined;
}
