import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DashboardOptions } from '../../src/admin/dashboard/dashboard-options.ts';
import { nightModels } from '../dashboard/helpers/models.ts';
import { type Shown, show, WRITE_TOKEN } from '../dashboard/helpers/shown.ts';
import { type Model, World } from '../dashboard/helpers/world.ts';
import { serviceAvailable } from './harness/availability.ts';
import { launchChromium, openPage, type WatchedPage } from './harness/chromium.ts';

/** What a person calls at once, on a machine that does other things as well. */
const SOON = { timeout: 10_000 };
const TOKENS = { write: WRITE_TOKEN, read: 'read-token-of-the-tests' };
const IRIS: Model = { target: 'a.models:8001', name: 'iris', health: () => ({ rate: 20, latencyMs: 10 }) };
const WINE: Model = { target: 'b.models:8001', name: 'wine', health: () => ({ rate: 10, latencyMs: 10 }) };

/** Names that would do something if they were taken for anything but text. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(2)>',
  `'); alert(3); ('`,
  'javascript:alert(4)',
  '\u202egnp.exe\u202c',
  '\u05e9\u05dc\u05d5\u05dd',
  'line\n\nevent: full\ndata: {"rows":[]}',
  '\u2028\u2029\u0000\u001b[31m',
  '\u{1f525}\u{1f469}\u200d\u{1f692}',
  '%3Cscript%3E#/breaker/../..?&',
  '\ud800 alone',
  `long ${'x'.repeat(5_000)}`,
];

describe.skipIf(!serviceAvailable('chromium'))('the page of the dashboard, in Chromium', () => {
  let browser: Browser;
  let shown: Shown;
  let opened: WatchedPage[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    // Wherever a test ends: nothing was stopped by the policy, nothing failed, nothing went elsewhere.
    const faults = opened.flatMap(({ faults, outside }) => [...faults, ...outside]);
    await Promise.all(opened.map(({ page }) => page.context().close()));
    opened = [];
    await shown.close();
    expect([...faults, ...shown.warnings]).toEqual([]);
  });

  async function open(
    models: readonly Model[],
    options: DashboardOptions = {},
    context: BrowserContextOptions = {},
  ): Promise<Page> {
    shown = await show(models, options);
    await shown.world.pass(2_000);
    return another(context);
  }

  async function another(context: BrowserContextOptions = {}): Promise<Page> {
    const watched = await openPage(browser, shown.dashboard.url, context);
    opened.push(watched);
    return watched.page;
  }

  const row = (page: Page, title: string) => page.locator('.row', { hasText: title });
  const open1 = (model: Model) => `#/breaker/${encodeURIComponent(World.nameOf(model))}`;

  it('follows the server: state, reason, outcomes, order', async () => {
    let isOut = false;
    const failing: Model = { ...WINE, health: () => ({ rate: 40, failing: isOut ? 1 : 0, latencyMs: 10 }) };
    const page = await open([IRIS, failing]);
    const stop = shown.run(4);
    await expect.poll(() => row(page, 'iris').innerText(), SOON).toContain('all answered');
    expect(await page.locator('.row .title').allInnerTexts()).toEqual(['ModelInfer[iris]', 'ModelInfer[wine]']);
    isOut = true;
    await expect.poll(() => row(page, 'wine').innerText(), SOON).toMatch(/open[\s\S]*of \d+ calls[\s\S]*refused/);
    expect(await page.locator('.row .title').allInnerTexts()).toEqual(['ModelInfer[wine]', 'ModelInfer[iris]']);
    await expect.poll(() => page.locator('#announcer').innerText(), { timeout: 5_000 }).toContain('wine]: open');

    await row(page, 'wine').click();
    stop();
    const { counts } = shown.world.breakers.get(World.nameOf(failing))?.snapshot() ?? {};
    await expect.poll(() => page.locator('.details').innerText(), SOON).toContain(`Answered\n${counts?.success}`);
    expect(await page.locator('.changes').innerText()).toMatch(/closed → open[\s\S]*failureRate \d/);
    expect(await page.locator('.plot canvas').count()).toBe(2);
  });

  it('is back by itself after a restart of the server', async () => {
    const page = await open([IRIS]);
    await expect.poll(() => row(page, 'iris').count()).toBe(1);
    const { port } = shown.dashboard;
    await shown.close();
    await expect.poll(() => page.locator('#link').innerText()).toContain('not connected');
    shown = await show([IRIS, WINE], { address: `127.0.0.1:${port}` });
    await shown.world.pass(2_000);
    await expect.poll(() => row(page, 'wine').count(), { timeout: 10_000 }).toBe(1);
    expect(await page.locator('#link').innerText()).toBe('live');
    opened[0]?.faults.splice(0);
  });

  it('steers a real breaker, by keyboard alone, and the override ends by itself', async () => {
    const page = await open([IRIS], { tokens: TOKENS });
    await page.locator('#token').waitFor();
    await page.keyboard.type('a-token-that-is-wrong');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('dialog .problem').innerText()).toContain('not known');
    expect(shown.warnings.splice(0)).toHaveLength(1);
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(TOKENS.read);
    await page.keyboard.press('Enter');
    await expect.poll(() => row(page, 'iris').count()).toBe(1);
    await page.keyboard.press('/');
    await page.keyboard.type('iri');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const button = page.getByRole('button', { name: 'Force open' });
    await button.waitFor();
    for (let presses = 0; presses < 5 && (await page.evaluate('document.activeElement.textContent')) !== 'Force open'; presses++)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    // The read token does not do: the page asks for another one.
    await page.locator('#token').waitFor();
    await page.keyboard.type(TOKENS.write);
    await page.keyboard.press('Enter');
    await page.locator('#reason').waitFor();
    await page.keyboard.press('Enter');
    expect(shown.audited).toEqual([]);
    await page.keyboard.type('the night shift tries it');
    await page.keyboard.press('Enter');
    await expect.poll(() => shown.world.breakers.get(World.nameOf(IRIS))?.snapshot().override).toBe('forcedOpen');
    expect(shown.audited).toMatchObject([
      { action: 'ForceOpen', reason: 'the night shift tries it', expiryMs: 900_000, token: 'write', result: 'done' },
    ]);
    await expect.poll(() => page.locator('.state-panel').innerText()).toMatch(/Forced open[\s\S]*15 min left[\s\S]*night shift/);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Force open');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.evaluate('document.activeElement.className')).toBe('row');
    expect(page.url()).not.toContain('token');
    await shown.world.pass(901_000);
    await expect.poll(() => row(page, 'iris').innerText(), SOON).not.toContain('forced');
    expect(shown.world.breakers.get(World.nameOf(IRIS))?.snapshot().override).toBeNull();
  });

  it('comes back from a breaker to its row', async () => {
    const page = await open(nightModels());
    await row(page, 'reranker').first().focus();
    await page.keyboard.press('ArrowDown');
    const name = await page.evaluate('document.activeElement.getAttribute("href")');
    await page.keyboard.press('Enter');
    await page.locator('.state-panel').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.evaluate('document.activeElement.getAttribute("href")')).toBe(name);
  });

  it('only shows without a token that may write', async () => {
    const page = await open([IRIS]);
    await page.goto(`${shown.dashboard.url}${open1(IRIS)}`);
    await expect.poll(() => page.locator('.note').innerText()).toContain('only shows');
    expect(await page.getByRole('button', { name: 'Force open' }).isDisabled()).toBe(true);
  });

  it('takes no change from another site', async () => {
    const page = await open([IRIS], { writesWithoutToken: true });
    const other = await show([WINE]);
    try {
      // Another origin without a policy of its own, that tries all that a page can.
      await page.route(`${other.dashboard.url}evil`, (route) => route.fulfill({ contentType: 'text/html', body: '<p>evil</p>' }));
      await page.goto(`${other.dashboard.url}evil`);
      const body = JSON.stringify({ name: World.nameOf(IRIS), action: 'forceOpen', reason: 'because' });
      const attempt = async (init: string) =>
        page.evaluate(`fetch('${shown.dashboard.url}api/change', ${init}).then((r) => r.type, () => 'refused')`);
      expect(await attempt(`{ method: 'POST', mode: 'no-cors', body: '${body}' }`)).toBe('refused');
      const headers = "{ 'content-type': 'application/json', 'x-grpc-breaker-dashboard': '1' }";
      expect(await attempt(`{ method: 'POST', headers: ${headers}, body: '${body}' }`)).toBe('refused');
      expect(shown.world.breakers.get(World.nameOf(IRIS))?.snapshot().override).toBeNull();
      expect(shown.audited).toEqual([]);
    } finally {
      opened[0]?.faults.splice(0);
      opened[0]?.outside.splice(0);
      await other.close();
    }
  });

  it('takes hostile names for text', async () => {
    const models = HOSTILE.map((name): Model => ({ ...IRIS, name }));
    const page = await open(models, { writesWithoutToken: true });
    const [marked] = models as [Model];
    HOSTILE.forEach((reason, index) =>
      shown.world.breakers.get(World.nameOf(marked))?.override(index % 2 === 0 ? 'forcedOpen' : 'forcedClosed', { reason }),
    );
    await expect.poll(() => page.locator('.row').count(), SOON).toBe(HOSTILE.length);
    expect(await page.locator('.row img, .row script, main script').count()).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.goto(`${shown.dashboard.url}${open1(marked)}`);
    await expect.poll(() => page.locator('.changes li').count(), SOON).toBeGreaterThanOrEqual(HOSTILE.length);
    await page.getByRole('button', { name: 'Release' }).click();
    await expect.poll(() => page.locator('.dialog-name').innerText()).toBe(World.nameOf(marked));
    await page.keyboard.press('Escape');
    expect(await page.locator('main img, main script, dialog').count()).toBe(0);
    const names = shown.world.breakers.list().map(({ name }) => name);
    for (const name of names) {
      await page.goto(`${shown.dashboard.url}#/breaker/${encodeURIComponent(name.toWellFormed())}`);
      await expect
        .poll(() => page.locator('.details').innerText(), { ...SOON, message: name.slice(0, 100) })
        .toContain('a.models:8001');
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
  });

  it('has no horizontal scroll on a phone', async () => {
    const page = await open(nightModels(), {}, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
    await page.locator('.row').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.locator('.row').first().tap();
    await page.locator('.plot canvas').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });
});
