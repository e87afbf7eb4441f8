import { cpSync } from 'node:fs';
import { join } from 'node:path';

// What the compiler does not bring from src to dist: the dashboard's page.

const ASSETS = ['admin/dashboard/page'];

const root = join(import.meta.dirname, '..');
for (const asset of ASSETS) cpSync(join(root, 'src', asset), join(root, 'dist', asset), { recursive: true });
