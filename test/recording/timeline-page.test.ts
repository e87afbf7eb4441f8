import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backtest } from '../../src/recording/backtest.ts';
import { renderTimeline } from '../../src/recording/render-timeline.ts';
import { hostileRecording, POLICIES } from './helpers/hostile-recording.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

describe.skipIf(!existsSync(CHROMIUM))(`the page of a timeline, in ${CHROMIUM}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-page-'));
  const file = join(folder, 'report.html');
  let browser: Browser;

  beforeAll(async () => {
    const { file: recordings, remove } = hostileRecording();
    writeFileSync(file, renderTimeline(await backtest({ ...POLICIES, recordings }), 'html'));
    remove();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  /** The page, open, with what it asked for and complained of. */
  async function opened(colorScheme: 'light' | 'dark' = 'light'): Promise<{ page: Page; asked: string[]; said: string[] }> {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1_000, height: 900 } });
    const asked: string[] = [];
    const said: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    page.on('dialog', (dialog) => void said.push(`dialog ${dialog.message()}`));
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('html[data-ready=true]');
    return { page, asked, said };
  }

  it('shows a chart for each policy and each breaker with its name as a text, and asks for nothing', async () => {
    const { page, asked, said } = await opened();
    expect(asked).toEqual([pathToFileURL(file).href]);
    expect(said).toEqual([]);
    expect(await page.locator('#charts h2').allTextContents()).toEqual(['as it happened', 'policy', 'policy (against)']);
    expect(await page.locator('#charts canvas').count()).toBe(3);
    expect(await page.locator('.breaker h3').allTextContents()).toEqual([
      expect.stringContaining('</script><script>alert(1)</script>'),
    ]);
    expect(await page.locator('.band').count()).toBe(3);
    expect(await page.locator('.band i').count()).toBe(2);
    await page.close();
  });

  it('can be zoomed into: the other charts and the states follow', async () => {
    const { page } = await opened();
    const widthOf = async () => (await page.locator('.band i').first().boundingBox())?.width ?? 0;
    const before = await widthOf();
    const plot = await page.locator('.u-over').first().boundingBox();
    if (plot === null) throw new Error('there is no chart');
    const y = plot.y + plot.height / 2;
    await page.mouse.move(plot.x + plot.width * 0.7, y);
    await page.mouse.down();
    await page.mouse.move(plot.x + plot.width * 0.95, y, { steps: 5 });
    await page.mouse.up();
    expect(await widthOf()).toBeGreaterThan(2 * before);
    await page.mouse.dblclick(plot.x + plot.width / 2, y);
    expect(await widthOf()).toBeCloseTo(before, 0);
    await page.close();
  });

  it('is dark for those who have it dark', async () => {
    const colours: string[] = [];
    for (const scheme of ['light', 'dark'] as const) {
      const { page } = await opened(scheme);
      colours.push(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor'));
      await page.close();
    }
    expect(colours).toEqual(['rgb(249, 249, 247)', 'rgb(14, 16, 19)']);
  });
});
