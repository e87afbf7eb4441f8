import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Lockfile, missingOptionals } from '../../scripts/lockfile.ts';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lockfile;

test('the lock names no registry', () => {
  const named = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined);
  expect(named.map(([path]) => path)).toEqual([]);
});

// `npm ci` refuses a lock that lacks them. To mend it: npm run lock
test('the lock holds the packages of every platform', () => {
  expect(Object.keys(missingOptionals(lock))).toEqual([]);
});

test('a package of another platform that is missing is found, with its platform', () => {
  const packages = {
    'node_modules/tool': { optionalDependencies: { '@tool/linux-x64-musl': '1.2.3', '@tool/darwin-arm64': '1.2.3' } },
    'node_modules/tool/node_modules/@tool/darwin-arm64': { version: '1.2.3' },
  };
  const entry = { version: '1.2.3', os: ['linux'], cpu: ['x64'], libc: ['musl'], optional: true };
  expect(missingOptionals({ packages })).toEqual({ 'node_modules/@tool/linux-x64-musl': entry });
});
