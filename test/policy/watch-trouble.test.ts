import { execFile } from 'node:child_process';
import fs, { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { watchPolicy } from '../../src/policy/watch-policy.ts';
import { doc, listening, ownFolder, soon, WRITES, watching } from './watch-helpers.ts';

const run = promisify(execFile);

let file: string;
beforeEach(() => {
  const folder = join(ownFolder(), 'cfg');
  mkdirSync(folder);
  file = join(folder, 'breakers.yaml');
  writeFileSync(file, doc(1));
});

/** What the system refuses cannot be had from it at will: this stands in for it until the test ends, or the returned function is called. */
function refusing<T extends object>(module: T, name: keyof T, code: string): () => void {
  const real = module[name];
  const restore = () => {
    module[name] = real;
    syncBuiltinESMExports();
  };
  const refuse = (): never => {
    throw Object.assign(new Error(`${code}: the system has no more`), { code });
  };
  module[name] = refuse as T[keyof T];
  syncBuiltinESMExports();
  onTestFinished(restore);
  return restore;
}

describe('watching a policy, in trouble', () => {
  it.each(['ENOSPC', 'EMFILE'])('looks every so often where the system has no more watchers (%s)', async (code) => {
    refusing(fs, 'watch', code);
    const { heard } = watching(file, { pollEvery: '30ms' });
    for (const version of [2, 3]) {
      writeFileSync(file, doc(version));
      await soon(() => expect(heard.at(-1)).toBe(version));
    }
    expect(heard).toEqual([2, 3]);
  });

  it('reads again what could not be read for a while, though it has not changed', async () => {
    const { heard } = watching(file, { pollEvery: '50ms' });
    await sleep(60); // It has looked by then.
    const relent = refusing(fs.promises, 'readFile', 'EMFILE');
    writeFileSync(file, doc(2));
    await soon(() => expect(heard).toEqual([': cannot be read: EMFILE: the system has no more']));
    await sleep(120);
    relent();
    await soon(() => expect(heard.at(-1)).toBe(2));
    expect(heard).toHaveLength(2);
  });

  it('comes to a folder that was not there at the start', async () => {
    const folder = join(file, '..');
    rmSync(folder, { recursive: true });
    const { heard } = watching(file, { otherwise: {}, pollEvery: '30ms' });
    await soon(() => expect(heard).toEqual([expect.stringContaining('ENOENT')]));
    mkdirSync(folder);
    writeFileSync(file, doc(2));
    await soon(() => expect(heard.at(-1)).toBe(2));
    expect(heard).toHaveLength(2);
  });

  it('goes on to listen in a folder that took the place of another one', async () => {
    const { heard } = watching(file, { pollEvery: '1h' });
    await sleep(60);
    for (const [version, [, write]] of WRITES.slice(-2).entries()) {
      write(file, doc(10 + version));
      await soon(() => expect(heard.at(-1)).toBe(10 + version));
      writeFileSync(file, doc(20 + version));
      await soon(() => expect(heard.at(-1)).toBe(20 + version));
    }
    expect(heard).toEqual([10, 20, 11, 21]);
  });

  it('waits for a file that is half written, where the system tells nothing of it', async () => {
    refusing(fs, 'watch', 'ENOSPC');
    const watched = watchPolicy(file, { settle: '200ms', pollEvery: '1h' });
    writeFileSync(file, 'maxBreakers: 2');
    const { heard } = listening(watched);
    await sleep(100);
    writeFileSync(file, 'maxBreakers: 20');
    await sleep(200);
    writeFileSync(file, doc(207));
    await soon(() => expect(heard).toEqual([207]));
  });

  it('listens anew where a folder further up was replaced, of which the system tells nothing', async () => {
    const [folder, above] = [join(file, '..'), join(file, '../..')];
    const { heard } = watching(file, { pollEvery: '1500ms' });
    await sleep(60);
    renameSync(above, `${above}.old`);
    onTestFinished(() => rmSync(`${above}.old`, { recursive: true }));
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, doc(2));
    await soon(() => expect(heard).toEqual([2]));
    const startedAt = performance.now();
    writeFileSync(file, doc(3));
    await soon(() => expect(heard).toEqual([2, 3]));
    expect(performance.now() - startedAt, 'sooner than it looks again').toBeLessThan(1_200);
  });

  it.each([
    ['told by the system alone', '1h'],
    ['told by looks alone', '20ms'],
  ] as const)('ends with what stands in the file, whatever was done to it, %s', { timeout: 60_000 }, async (_, pollEvery) => {
    const steps = fc.array(fc.tuple(fc.nat(WRITES.length - 1), fc.nat(40)), { minLength: 1, maxLength: 6 });
    if (pollEvery !== '1h') refusing(fs, 'watch', 'ENOSPC');
    const { heard } = watching(file, { settle: '10ms', pollEvery });
    await sleep(60);
    let version = 100;
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        for (const [index, pauseMs] of given) {
          WRITES[index]?.[1](file, doc(++version));
          await sleep(pauseMs);
        }
        await soon(() => expect(heard.at(-1)).toBe(version));
      }),
      { numRuns: 12 },
    );
    expect(heard.filter((told, index) => told === heard[index - 1])).toEqual([]);
  });

  it('tells whoever comes late how it stands', async () => {
    const { watched, heard } = watching(file);
    writeFileSync(file, doc(2));
    await soon(() => expect(heard).toEqual([2]));
    expect(watched.policy).toMatchObject({ maxBreakers: 2 });
    writeFileSync(file, 'methods: 5');
    await soon(() => expect(heard).toHaveLength(2));
    const late = listening(watched);
    await soon(() => expect(late.heard).toEqual([heard[1]]));
    expect(watched.policy).toMatchObject({ maxBreakers: 2 });
    watched.close();
    const after = listening(watched);
    writeFileSync(file, doc(3));
    await sleep(150);
    expect([late.heard.length, after.heard.length]).toEqual([1, 0]);
  });

  it('keeps listeners that throw from nobody', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    onTestFinished(() => warning.mockRestore());
    const watched = watchPolicy(file, { settle: '20ms' });
    const changed = () => {
      throw new Error('not today');
    };
    onTestFinished(watched.subscribe({ changed, refused: changed }));
    const { heard } = listening(watched);
    writeFileSync(file, doc(2));
    await soon(() => expect(heard).toEqual([2]));
    const detail = expect.stringContaining('not today') as string;
    expect(warning).toHaveBeenCalledExactlyOnceWith(expect.any(String), { type: 'GrpcBreakerWarning', detail });
  });

  it('keeps no process alive', async () => {
    const source = JSON.stringify(join(import.meta.dirname, '../../src/policy/watch-policy.ts'));
    const program = `import { watchPolicy } from ${source};
      watchPolicy(${JSON.stringify(file)}).subscribe({ changed() {}, refused() {} });
      setTimeout(() => process.stdout.write('watched'), 100);`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { timeout: 10_000 });
    expect(stdout).toBe('watched');
  });
});
