import { join } from 'node:path';
import { run } from './run.ts';

// Layer directions of src in the current folder, by .dependency-cruiser.mjs there. The tool passes on a tree that it
// does not understand, so it must also have seen modules.

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly { readonly rule: { readonly name: string }; readonly from: string; readonly to: string }[];
  };
}

const tool = join(import.meta.dirname, '../node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
const cruised = await run(process.execPath, [tool, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'src']);
if (!cruised.stdout.startsWith('{')) throw new Error(`dependency-cruiser gave no report: ${cruised.output}`);
const { totalCruised, violations } = (JSON.parse(cruised.stdout) as Cruise).summary;

for (const { rule, from, to } of violations) process.stdout.write(`${rule.name}: ${from} -> ${to}\n`);
if (totalCruised === 0) process.stdout.write('no module was seen\n');
process.stdout.write(`${totalCruised} modules, ${violations.length} violations\n`);
process.exitCode = violations.length > 0 || totalCruised === 0 ? 1 : 0;
