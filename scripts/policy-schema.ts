import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { publishedSchema } from './policy-schema/published-schema.ts';

// Compares policy.schema.json, which editors read, with the schema that checks policies, and fails when it is out of date.
//   --write   writes it anew, with descriptions from the doc comments of the options

const FILE = 'policy.schema.json';
const made = execFileSync('node_modules/.bin/biome', ['format', `--stdin-file-path=${FILE}`], {
  input: JSON.stringify(publishedSchema(), undefined, 2),
  encoding: 'utf8',
});

if (process.argv.includes('--write')) {
  writeFileSync(FILE, made);
} else if (readFileSync(FILE, 'utf8') !== made) {
  process.stderr.write(`${FILE} is out of date; run: node scripts/policy-schema.ts --write\n`);
  process.exitCode = 1;
}
