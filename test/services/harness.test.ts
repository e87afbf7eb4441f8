import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serviceAvailable } from './harness/availability.ts';
import { startProcess } from './harness/service-process.ts';
import { until } from './harness/until.ts';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('serviceAvailable', () => {
  let cache: string;
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'grpc-breaker-cache-'));
  });
  afterEach(() => rmSync(cache, { recursive: true, force: true }));

  it('finds what the install script has finished', () => {
    mkdirSync(join(cache, 'services/jaeger'), { recursive: true });
    expect(serviceAvailable('jaeger', { GRPC_BREAKER_CACHE: cache }, () => {})).toBe(false);
    writeFileSync(join(cache, 'services/jaeger/.version'), 'v1');
    expect(serviceAvailable('jaeger', { GRPC_BREAKER_CACHE: cache, CI: 'true' })).toBe(true);
  });

  it('says loudly what a person has to run', () => {
    const lines: string[] = [];
    expect(serviceAvailable('mlserver', { GRPC_BREAKER_CACHE: cache }, (line) => lines.push(line))).toBe(false);
    expect(lines.join()).toMatch(/SKIPPED.*test\/services\/install\/mlserver\.sh/);
  });

  it.each([{ CI: 'true' }, { GRPC_BREAKER_REQUIRE_SERVICES: '1' }])('fails with %o', (required) => {
    expect(() => serviceAvailable('mlserver', { GRPC_BREAKER_CACHE: cache, ...required })).toThrow('install/mlserver.sh');
  });
});

describe('startProcess', () => {
  const here = { cwd: import.meta.dirname, env: {} };

  it('ends a service that is stopped, and keeps what it printed', async () => {
    const service = await startProcess(process.execPath, ['-e', 'console.log("hello"); setInterval(() => {}, 1e3)'], here);
    await until('it prints', () => service.log().includes('hello'));
    service.signal('SIGSTOP');
    service.signal('SIGKILL');
    await service.ended;
    expect(service.running).toBe(false);
    expect(service.log()).toContain('hello');
    expect(isAlive(service.pid)).toBe(false);
  });

  it('reports a program that does not exist', async () => {
    await expect(startProcess('/nonexistent/program', [], here)).rejects.toThrow('cannot start');
  });

  it('leaves nothing behind when the test process is killed', async () => {
    const code = `
      const { startProcess } = await import(${JSON.stringify(join(import.meta.dirname, 'harness/service-process.ts'))});
      const service = await startProcess(process.execPath, ['-e', 'setInterval(() => {}, 1e3)'], { cwd: '.', env: {} });
      service.signal('SIGSTOP');
      console.log(service.pid);
      setInterval(() => {}, 1e3);`;
    const tester = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => tester.stdout.once('data', (data) => resolve(Number(data))));
    expect(isAlive(pid)).toBe(true);
    tester.kill('SIGKILL');
    await until('the service is gone', () => !isAlive(pid));
  });
});
