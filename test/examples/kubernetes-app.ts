import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { freePort } from '../services/harness/free-port.ts';
import { container, KUBERNETES } from './kubernetes-objects.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The application of the example, running. */
export interface PriceDesk {
  readonly process: ChildProcess;
  readonly ports: Readonly<Record<'http' | 'metrics' | 'admin', number>>;
  /** What it printed. */
  readonly output: string[];
  /** Asks it for a page: the code, and the body. */
  get(path: string, port?: number): Promise<readonly [code: number, body: string]>;
}

/**
 * Starts the application as its Deployment does: with the command of its Dockerfile and the environment of its container, but for addresses and
 * the folder of the policy. `grpc-breaker` is this repository's source.
 * @param prices - address of the service that it asks
 * @param policy - the mounted policy
 */
export async function startPriceDesk(prices: string, policy: string): Promise<PriceDesk> {
  const folder = imageFolder();
  const ports = { http: await freePort(), metrics: await freePort(), admin: await freePort() };
  const environment = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
  const here = {
    PRICES_ADDRESS: prices,
    HOST: '127.0.0.1',
    PORT: String(ports.http),
    OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
    OTEL_EXPORTER_PROMETHEUS_PORT: String(ports.metrics),
    GRPC_BREAKER_POLICY: policy,
    GRPC_BREAKER_ADMIN: `127.0.0.1:${ports.admin}`,
  };
  const unknown = Object.keys(here).filter((name) => !(name in environment) && name !== 'HOST' && name !== 'PORT');
  if (unknown.length > 0) throw new Error(`the Deployment does not set ${unknown}`);
  const env = { PATH: process.env['PATH'], ...environment, ...here };
  const child = spawn(process.execPath, command(), { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });
  const get = async (path: string, port: number = ports.http) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return [answer.status, await answer.text()] as const;
  };
  return { process: child, ports, output, get };
}

/** What the image holds: the application, and the package beside what it installs. */
function imageFolder(): string {
  const folder = join(ROOT, `temp/price-desk-${process.pid}`);
  const own = join(folder, 'node_modules/grpc-breaker');
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(KUBERNETES, 'app'), folder, { recursive: true });
  mkdirSync(own, { recursive: true });
  writeFileSync(
    join(own, 'package.json'),
    '{ "name": "grpc-breaker", "type": "module", "exports": { "./register": "./register.js" } }',
  );
  writeFileSync(join(own, 'register.js'), `import ${JSON.stringify(pathToFileURL(join(ROOT, 'src/register.ts')))};\n`);
  return folder;
}

/** The arguments that the image gives to node. */
function command(): string[] {
  const [, json = ''] = /^CMD (.*)$/m.exec(readFileSync(join(KUBERNETES, 'app/Dockerfile'), 'utf8')) ?? [];
  const [program, ...rest] = JSON.parse(json) as string[];
  if (program !== 'node') throw new Error(`what is ${program}?`);
  return rest;
}
