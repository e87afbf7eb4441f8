import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder as kubelet mounts a ConfigMap: `breakers.yaml -> ..data/breakers.yaml`, `..data -> ..2026_N`. */
export class ConfigMap {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'grpc-breaker-config-map-'));
  readonly file: string = join(this.folder, 'breakers.yaml');
  readonly #others: Readonly<Record<string, string>>;
  #version = 0;

  /**
   * @param text - of `breakers.yaml`; undefined where there is no ConfigMap yet, and the folder is empty
   * @param others - what else it holds, by name
   */
  constructor(text: string | undefined, others: Readonly<Record<string, string>> = {}) {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
    this.#others = others;
    if (text !== undefined) this.swap(text);
  }

  /**
   * What kubelet's AtomicWriter does: a new folder, a link to it that is renamed over the old one, and the old folder goes.
   * @param text - of `breakers.yaml`; undefined where the ConfigMap has none any more
   */
  swap(text: string | undefined): void {
    const before = join(this.folder, `..2026_${this.#version}`);
    const data = `..2026_${++this.#version}`;
    mkdirSync(join(this.folder, data));
    for (const [name, content] of Object.entries({ ...this.#others, 'breakers.yaml': text })) {
      if (content !== undefined) writeFileSync(join(this.folder, data, name), content);
    }
    symlinkSync(data, join(this.folder, '..data_tmp'));
    renameSync(join(this.folder, '..data_tmp'), join(this.folder, '..data'));
    if (this.#version === 1) {
      for (const name of ['breakers.yaml', ...Object.keys(this.#others)]) symlinkSync(`..data/${name}`, join(this.folder, name));
    }
    rmSync(before, { recursive: true, force: true });
  }
}
