import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawTrace } from './trace-picture/draw.ts';
import { recordOutage } from './trace-picture/record-outage.ts';

// Goes through a real outage and draws its trace: docs/images/outage-trace.svg, of docs/alert-to-cause.md.

const file = join(import.meta.dirname, '../docs/images/outage-trace.svg');
const spans = await recordOutage();
writeFileSync(file, drawTrace(spans));
console.log(`${spans.length} spans drawn into docs/images/outage-trace.svg`);
