// A process that has an admin service, somebody who watches it, and nothing else to do.
import { createBreakers } from '../../../src/index.ts';
import { startAdmin } from '../../../src/start-admin.ts';

const breakers = createBreakers({}, { telemetry: false });
const admin = await startAdmin(breakers, { address: '127.0.0.1:0' });
process.stdout.write(`${admin.port}\n`);
// It waits for its watcher, and then for nothing more.
process.stdin.once('data', () => process.stdin.destroy());
