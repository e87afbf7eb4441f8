import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { serviceDirectory } from './availability.ts';

/** Starts the Chromium that `install/chromium.sh` found or installed. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = readFileSync(join(serviceDirectory('chromium'), 'path'), 'utf8').trim();
  // Without the sandbox, because containers have no user namespaces; it opens nothing but our own page.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
}

/** A page, with what must not happen in it. */
export interface WatchedPage {
  readonly page: Page;
  /** What went wrong in it: errors, and what the content security policy stopped. */
  readonly faults: string[];
  /** Requests to anything but the dashboard. */
  readonly outside: string[];
}

/** Opens a page that is watched. Refused tokens are no fault. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  const outside: string[] = [];
  page.on('pageerror', (error) => faults.push(error.stack ?? error.message));
  page.on('dialog', (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (401|403|400)/.test(message.text())) faults.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) outside.push(request.url());
  });
  await page.addInitScript(`addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    console.error('content security policy: ' + violatedDirective + ' ' + blockedURI));`);
  await page.goto(url);
  return { page, faults, outside };
}
