import { mkdirSync } from 'node:fs';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nightModels } from '../dashboard/helpers/models.ts';
import { type Shown, show, WRITE_TOKEN } from '../dashboard/helpers/shown.ts';
import { World } from '../dashboard/helpers/world.ts';
import { serviceAvailable } from './harness/availability.ts';
import { launchChromium, openPage } from './harness/chromium.ts';

/** With GRPC_BREAKER_PICTURES=1 the pictures of the documents are written anew; else they are only taken. */
const WRITES = process.env['GRPC_BREAKER_PICTURES'] === '1';
const FOLDER = 'docs/images';

/** The whole night for the pictures; a part of it, with an outage at its end, is enough to look at. */
const SECONDS = WRITES ? 905 : 270;
const SICK = 'mlserver-1.models:8081/inference.GRPCInferenceService/ModelInfer[imbalance-v3]';
const JAEGER = 'http://127.0.0.1:16686';

describe.skipIf(!serviceAvailable('chromium'))('pictures of the dashboard', () => {
  let browser: Browser;
  let shown: Shown;

  beforeAll(async () => {
    browser = await launchChromium();
    const telemetry = { tracerProvider: new TracerProvider() };
    shown = await show(nightModels(), { speed: 60, tokens: { write: WRITE_TOKEN }, jaegerUrl: JAEGER, telemetry });
    for (let second = 0; second < SECONDS; second++) {
      await shown.world.pass(1_000);
      // The dashboard looks on meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 17));
    }
    const canary = nightModels().find(({ name }) => name === 'pricing-eu');
    if (canary === undefined) throw new Error('there is no canary');
    const reason = 'canary of the new build, must not be cut off (by mira from 10.0.4.17:50412, token oncall)';
    shown.world.breakers.get(World.nameOf(canary))?.override('forcedClosed', { reason, forMs: 14 * 60_000 });
    shown.run();
  });
  afterAll(async () => {
    await shown.close();
    await browser.close();
  });

  async function open(hash: string, colorScheme: 'light' | 'dark', width = 1_280, height = 800): Promise<Page> {
    const { page } = await openPage(browser, shown.dashboard.url, {
      colorScheme,
      viewport: { width, height },
      deviceScaleFactor: width < 500 ? 2 : 1,
    });
    await page.locator('#token').fill(WRITE_TOKEN);
    await page.keyboard.press('Enter');
    await page.locator('.row').first().waitFor();
    await page.goto(`${shown.dashboard.url}${hash}`);
    await page
      .locator(hash === '' ? '.row' : '.changes li:nth-child(3)')
      .first()
      .waitFor();
    // Rates are over some seconds.
    await page.waitForTimeout(3_000);
    return page;
  }

  async function picture(page: Page, name: string): Promise<void> {
    mkdirSync(FOLDER, { recursive: true });
    const taken = await page.screenshot(WRITES ? { path: `${FOLDER}/dashboard-${name}.png` } : {});
    expect(taken.length).toBeGreaterThan(10_000);
    await page.context().close();
  }

  it('in light: the list, what needs attention first', async () => {
    const page = await open('', 'light');
    const groups = await page.locator('.heading').allInnerTexts();
    expect(groups).toEqual(
      ['Open', 'By hand', 'Near a limit', 'Open in observe', 'Quiet'].filter((group) => groups.includes(group)),
    );
    expect(groups[0]).toBe('Open');
    expect(await page.locator('.row').first().innerText()).toMatch(/imbalance-v3[\s\S]*refused/);
    await picture(page, 'light');
  });

  it('in dark: a breaker, with its outages and the traces of its trips', async () => {
    const page = await open(`#/breaker/${encodeURIComponent(SICK)}`, 'dark', 1_280, 840);
    const link = await page.locator('.changes a').first().getAttribute('href');
    const { traceId = 'none' } = shown.world.breakers.describe([SICK])[0] ?? {};
    expect(link).toBe(`${JAEGER}/trace/${traceId}`);
    const [, dark] =
      /rgb\((\d+)/.exec(await page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')) ?? [];
    expect(Number(dark)).toBeLessThan(60);
    await picture(page, 'dark');
  });

  it('on a phone', async () => {
    const page = await open('', 'light', 360, 740);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await picture(page, 'phone');
  });
});
