// Takes the picture of the README: the demo's report, as a headless Chromium shows it. Run the demo first.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const REPORT = 'demo-report.html';
const PICTURE = 'docs/images/demo.png';

if (!existsSync(REPORT)) throw new Error(`there is no ${REPORT} yet; run "npm run demo" first`);
const profile = mkdtempSync(join(tmpdir(), 'grpc-breaker-picture-'));
mkdirSync('docs/images', { recursive: true });
try {
  const quiet = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  const shot = [`--user-data-dir=${profile}`, '--window-size=1200,1445', `--screenshot=${resolve(PICTURE)}`];
  execFileSync(process.env['CHROMIUM'] ?? 'chromium', ['--headless', ...quiet, ...shot, pathToFileURL(REPORT).href], {
    stdio: 'ignore',
  });
  console.log(`${PICTURE} shows ${REPORT}`);
} finally {
  rmSync(profile, { recursive: true, force: true });
}
