import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BREAKER } from '../examples/observability/dashboards/breaker.ts';
import { dashboard } from '../examples/observability/dashboards/dashboard.ts';
import { OVERVIEW } from '../examples/observability/dashboards/overview.ts';

// Writes the Grafana dashboards of examples/observability: node scripts/dashboards.ts [FOLDER]

const [folder = join(import.meta.dirname, '../examples/observability/grafana/dashboards')] = process.argv.slice(2);
for (const [name, plan] of Object.entries({ overview: OVERVIEW, breaker: BREAKER })) {
  writeFileSync(join(folder, `${name}.generated.json`), `${JSON.stringify(dashboard(plan), undefined, 2)}\n`);
}
