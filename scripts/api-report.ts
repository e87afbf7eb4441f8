import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from './run.ts';

// Compares the public API of the built package with its reviewed text, etc/*.api.md, one for each entry.
//   --write   writes the text anew instead

const ENTRIES = ['main', 'register', 'admin', 'recording', 'prometheus', 'testing'];

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const tool = join(import.meta.dirname, '../node_modules/@microsoft/api-extractor/bin/api-extractor');
const local = values.write ? ['--local'] : [];
const runs = await Promise.all(
  ENTRIES.map((entry) => run(process.execPath, [tool, 'run', ...local, '-c', `etc/api-extractor.${entry}.json`])),
);

for (const { output } of runs) process.stdout.write(output);
process.exitCode = runs.every(({ exitCode }) => exitCode === 0) ? 0 : 1;
if (process.exitCode !== 0 && !values.write)
  process.stdout.write('A wanted change of the public API is written by: npm run api\n');
