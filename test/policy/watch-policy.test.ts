import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { watchPolicy } from '../../src/policy/watch-policy.ts';
import { livingWatchers } from '../reload/helpers/living-watchers.ts';
import { doc, ownFolder, soon, WRITES, watching } from './watch-helpers.ts';

let folder: string;
beforeEach(() => {
  folder = ownFolder();
});

/** What kubelet does with a ConfigMap's folder: a new folder of data, and a link to it that is renamed over the old one. */
function swapConfigMap(mount: string, version: number, text: string): void {
  const data = `..2026_11_21_${version}`;
  mkdirSync(join(mount, data));
  writeFileSync(join(mount, data, 'breakers.yaml'), text);
  symlinkSync(data, join(mount, '..data_tmp'));
  renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
  rmSync(join(mount, `..2026_11_21_${version - 1}`), { recursive: true, force: true });
}

describe('a watched policy', () => {
  it.each(WRITES)('hears of a file that is %s, each time once', async (_, write) => {
    const file = join(folder, 'breakers.yaml');
    writeFileSync(file, doc(1));
    const { watched, heard } = watching(file);
    expect(watched.policy).toMatchObject({ maxBreakers: 1 });
    for (const version of [2, 3, 4]) {
      write(file, doc(version));
      await soon(() => expect(heard.at(-1)).toBe(version));
    }
    await sleep(120);
    expect(heard).toEqual([2, 3, 4]);
  });

  it('hears of each swap of a ConfigMap once', async () => {
    swapConfigMap(folder, 0, doc(100));
    symlinkSync('..data/breakers.yaml', join(folder, 'breakers.yaml'));
    const { heard } = watching(join(folder, 'breakers.yaml'));
    const versions = [101, 102, 103, 104, 105];
    for (const version of versions) {
      swapConfigMap(folder, version - 100, doc(version));
      await soon(() => expect(heard.at(-1)).toBe(version));
    }
    await sleep(120);
    expect(heard).toEqual(versions);
  });

  it('hears of a folder on the way that is a link, and leads elsewhere', async () => {
    for (const version of [1, 2]) {
      mkdirSync(join(folder, `v${version}`));
      writeFileSync(join(folder, `v${version}`, 'breakers.yaml'), doc(version));
    }
    symlinkSync('v1', join(folder, 'current'));
    const { heard } = watching(join(folder, 'current', 'breakers.yaml'));
    symlinkSync('v2', join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, 'current'));
    await soon(() => expect(heard).toEqual([2]));
    writeFileSync(join(folder, 'v2', 'breakers.yaml'), doc(3));
    await soon(() => expect(heard).toEqual([2, 3]));
  });

  it('waits for a file that is half written, though its first half is a policy', async () => {
    const file = join(folder, 'breakers.yaml');
    writeFileSync(file, doc(1));
    const { heard } = watching(file, { settle: '300ms' });
    writeFileSync(file, 'maxBreakers: 2');
    await sleep(100);
    writeFileSync(file, 'maxBreakers: 20');
    await sleep(100);
    writeFileSync(file, doc(207));
    await soon(() => expect(heard).toEqual([207]));
  });

  it('says once why a document is no good, and goes on with the next one', async () => {
    const file = join(folder, 'breakers.yaml');
    writeFileSync(file, doc(1));
    const { heard } = watching(file);
    writeFileSync(file, 'methods: [{ openFor: "5" }]');
    await soon(() => expect(heard).toEqual([expect.stringContaining('methods[0].openFor: "5" is not a duration')]));
    writeFileSync(file, 'methods: [{ openFor: "5" }]');
    writeFileSync(file, 'methods: [');
    await soon(() => expect(heard).toHaveLength(2));
    rmSync(file);
    await soon(() => expect(heard.at(-1)).toContain('cannot be read: ENOENT'));
    writeFileSync(file, doc(1));
    await soon(() => expect(heard.at(-1)).toBe(1));
    expect(heard).toHaveLength(4);
  });

  it('hears nothing of a file that is as it was', async () => {
    const file = join(folder, 'breakers.yaml');
    writeFileSync(file, doc(1));
    const { heard } = watching(file);
    writeFileSync(file, '');
    writeFileSync(file, doc(1));
    writeFileSync(join(folder, 'other.yaml'), doc(7));
    await sleep(200);
    expect(heard).toEqual([]);
  });

  it('hears of what changed before somebody listened', async () => {
    const file = join(folder, 'breakers.yaml');
    writeFileSync(file, doc(1));
    const watched = watchPolicy(file, { settle: '20ms' });
    writeFileSync(file, doc(2));
    const changed = vi.fn();
    const end = watched.subscribe({ changed, refused: vi.fn() });
    await soon(() => expect(changed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ maxBreakers: 2 })));
    end();
  });

  it('hears no more after its end', async () => {
    const file = join(folder, 'breakers.yaml');
    writeFileSync(file, doc(1));
    const { heard, end, watched } = watching(file);
    const other = watching(file);
    end();
    writeFileSync(file, doc(2));
    await soon(() => expect(other.heard).toEqual([2]));
    expect(heard).toEqual([]);
    watched.close();
  });

  it('finds what the file system does not tell, by looking every so often', async () => {
    const file = join(folder, 'cfg', 'breakers.yaml');
    mkdirSync(join(folder, 'cfg'));
    writeFileSync(file, doc(1));
    const { heard } = watching(file, { pollEvery: '50ms' });
    // The folder that is watched is another one from now on, and nothing on the way was a link.
    renameSync(join(folder, 'cfg'), join(folder, 'old'));
    mkdirSync(join(folder, 'cfg'));
    writeFileSync(file, doc(2));
    await soon(() => expect(heard.at(-1)).toBe(2));
  });

  it('is refused at the start when the file holds none, unless there is one for that case', async () => {
    const file = join(folder, 'breakers.yaml');
    expect(() => watchPolicy(file)).toThrow('cannot be read: ENOENT');
    writeFileSync(file, 'methods: 5');
    expect(() => watchPolicy(file)).toThrow(`policy ${file} was refused`);
    const otherwise = { methods: [{ mode: 'off' as const }] };
    const { watched, heard } = watching(file, { otherwise });
    expect(watched.policy).toBe(otherwise);
    await soon(() => expect(heard).toEqual([expect.stringMatching(/^methods: /)]));
    writeFileSync(file, doc(3));
    await soon(() => expect(heard.at(-1)).toBe(3));
  });

  it('refuses options that are none', () => {
    expect(() => watchPolicy('x', { settle: '5' as never })).toThrow('settle: "5" is not a duration');
    expect(() => watchPolicy('x', { pollEvery: '0s' })).toThrow('pollEvery: "0s" is not a duration');
  });

  it('leaves nothing behind, however often it begins and ends', { timeout: 30_000 }, async () => {
    const file = join(folder, 'breakers.yaml');
    writeFileSync(file, doc(1));
    const watched = watchPolicy(file);
    const listener = { changed: vi.fn(), refused: vi.fn() };
    const living = livingWatchers();
    const first = watched.subscribe(listener);
    await soon(() => expect(living().watchers).toBeGreaterThanOrEqual(2));
    first();
    for (let round = 0; round < 1_000; round++) {
      const end = watched.subscribe(listener);
      // At all stages: before it looks, while it does, and while it waits.
      if (round % 10 === 0) writeFileSync(file, doc(round));
      if (round % 100 < 20) await sleep(round % 20);
      end();
    }
    await sleep(50);
    expect(living().watchers).toBe(0);
    expect(living().timers).toBeLessThanOrEqual(1); // vitest's own
  });
});
