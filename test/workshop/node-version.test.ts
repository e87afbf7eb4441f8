import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  allowScripts: Record<string, boolean>;
};

// Where npm does not run the install script of the package `node`, the caller's own Node runs everything, silently.
test('the tests run on the Node of the devDependencies, 24 or newer', () => {
  expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(24);
});

test('npm is allowed to run the install script that brings that Node', () => {
  expect(Object.entries(manifest.allowScripts).some(([name, allowed]) => /^node(@|$)/.test(name) && allowed)).toBe(true);
});
