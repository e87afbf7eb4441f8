import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { start } from './helpers/started.ts';

const pathOf = () => join(mkdtempSync(join(tmpdir(), 'admin-socket-')), 'admin.sock');

describe('a unix socket', () => {
  it('that a killed process left behind is taken over', async () => {
    const path = pathOf();
    const listening = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('there'))`;
    const killed = spawn(process.execPath, ['-e', listening], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const { client } = await start({ address: `unix:${path}` });
    expect(await client().call('List')).toMatchObject({ total_size: 2 });
  });

  it('that another one listens at is left to it, and so is a file', async () => {
    const path = pathOf();
    const { client } = await start({ address: `unix:${path}` });
    await expect(start({ address: `unix:${path}` })).rejects.toThrow('EADDRINUSE');
    expect(await client().call('List')).toMatchObject({ total_size: 2 });
    const file = pathOf();
    writeFileSync(file, 'mine');
    await expect(start({ address: `unix:${file}` })).rejects.toThrow('EADDRINUSE');
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});
