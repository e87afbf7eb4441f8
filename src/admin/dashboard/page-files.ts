import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A file of the page, in memory. */
export interface PageFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
}

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

/** The files of the page; nothing else can be asked for. */
const OWN: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'icon.svg': 'image/svg+xml',
  ...Object.fromEntries(['colours', 'style', 'marks', 'list', 'breaker', 'dialog'].map((name) => [`${name}.css`, STYLE])),
  ...Object.fromEntries(
    [
      'main',
      'announcer',
      'attention',
      'breaker-view',
      'change-dialog',
      'chart',
      'dom',
      'feed',
      'formats',
      'list-view',
      'session',
      'sparse-list',
      'row-view',
      'condition-view',
      'change-view',
      'store',
      'token-dialog',
    ].map((name) => [`${name}.js`, SCRIPT]),
  ),
};

/** The chart library's. */
const UPLOT: Readonly<Record<string, string>> = { 'uPlot.esm.js': SCRIPT, 'uPlot.min.css': STYLE };

/**
 * Reads the files of the page, by the path that they are served under.
 * @throws Error where one is missing
 */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const [name, type] of Object.entries(OWN)) files.set(`/${name}`, pageFile(join(import.meta.dirname, 'page', name), type));
  const { resolve } = createRequire(import.meta.url);
  for (const [name, type] of Object.entries(UPLOT)) files.set(`/${name}`, pageFile(resolve(`uplot/dist/${name}`), type));
  const index = files.get('/index.html');
  if (index !== undefined) files.set('/', index);
  return files;
}

function pageFile(path: string, type: string): PageFile {
  const plain = readFileSync(path);
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { type, plain, gzip: gzipSync(plain), etag };
}
