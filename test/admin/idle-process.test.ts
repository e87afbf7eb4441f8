import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AdminClient } from './helpers/admin-client.ts';

describe('a process with nothing else to do', () => {
  it('ends, although somebody watches', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'helpers/idle-process.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [port] = (await once(child.stdout, 'data')) as [Buffer];
    const client = new AdminClient(`127.0.0.1:${String(port).trim()}`);
    onTestFinished(() => client.close());
    const stream = client.watch();
    stream.on('error', () => {});
    await once(stream, 'data');
    child.stdin.write('go on\n');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
  }, 20_000);
});
