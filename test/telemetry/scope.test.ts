import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SCOPE_NAME, SCOPE_VERSION } from '../../src/telemetry/scope.ts';

it('the scope is the package in its version', () => {
  const { name, version } = JSON.parse(readFileSync('package.json', 'utf8')) as { name: string; version: string };
  expect([SCOPE_NAME, SCOPE_VERSION]).toEqual([name, version]);
});
