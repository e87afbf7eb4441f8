import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ConfigError } from '../../src/core/errors.ts';
import { createBreakers } from '../../src/create-breakers.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';

// Each document of the folder is broken in its own way. They end in .txt so that no tool mends them. What people are told of it stands in messages.txt, to be read as by somebody who has never seen the
// schema: `npx vitest run --project fast test/policy/broken-documents.test.ts -u` writes it anew.

const FOLDER = 'test/policy/broken-documents';
const ENV = { WORD: 'three', EMPTY: '', NUMBER: '5' };
const files = readdirSync(FOLDER).filter((name) => /^\d/.test(name));

function refusal(name: string): ConfigError {
  const file = join(FOLDER, name);
  try {
    const policy = readPolicy(readFileSync(file, 'utf8'), {
      what: name.replace('.txt', ''),
      file,
      isJson: name.includes('.json'),
      env: ENV,
    });
    createBreakers(policy, { telemetry: false, functions: { hold: () => undefined, byStatus: () => undefined } }).dispose();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`${name} was not refused`);
}

it('are told what is wrong with them', async () => {
  const messages = files.map((name) => refusal(name).message.replaceAll(process.cwd(), '.')).join('\n\n');
  await expect(`${messages}\n`).toMatchFileSnapshot('broken-documents/messages.txt');
});

it.each(files)('%s: every problem has its line, and no word of a library', (name) => {
  const { problems } = refusal(name);
  for (const { line, column, message } of problems) {
    expect(message).not.toMatch(/Invalid input|Invalid option|Too small|Too big|received |undefined|NaN|\[object/);
    if (name.startsWith('01')) continue; // Nothing stands in it.
    expect(line).toBeGreaterThan(0);
    expect(column).toBeGreaterThan(0);
  }
});
