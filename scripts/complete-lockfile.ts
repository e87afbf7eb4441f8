import { readFileSync, writeFileSync } from 'node:fs';
import { missingOptionals } from './lockfile.ts';

// Run after npm has changed package-lock.json, where the registry at hand serves only some platforms' binaries: npm leaves the
// other platforms' packages out of the lock then, and `npm ci` refuses a lock without them, everywhere.

const file = 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));
const missing = missingOptionals(lock);
Object.assign(lock.packages, missing);
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${Object.keys(missing).length} packages of other platforms added\n`);
