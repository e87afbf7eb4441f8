import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { show } from '../dashboard/helpers/shown.ts';
import { type Model, World } from '../dashboard/helpers/world.ts';
import { serviceAvailable } from './harness/availability.ts';
import { launchChromium, openPage } from './harness/chromium.ts';

const BREAKERS = 1_000;
const UPDATES_PER_SECOND = 60;
const SECONDS = 5;

/** Of the page, on a shared machine with two cores: no task is longer, and no key waits longer. In milliseconds. */
const LONGEST_TASK_MS = 200;
const LONGEST_WAIT_MS = 200;
/** What a person feels as at once. */
const USUAL_WAIT_MS = 100;

/** Notes long tasks, and from each key to the next painted frame. */
const MEASURE = `
  window.tasks = [];
  window.waits = [];
  new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
  document.getElementById('filter').addEventListener('keydown', ({ timeStamp }) =>
    requestAnimationFrame(() => window.waits.push(performance.now() - timeStamp)));
`;

describe.skipIf(!serviceAvailable('chromium'))('the page of the dashboard under load', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  it(`stays responsive with ${BREAKERS} breakers that all have calls, and ${UPDATES_PER_SECOND} changes of state a second`, async () => {
    const models = Array.from(
      { length: BREAKERS },
      (_, index): Model => ({
        target: `host-${index % 20}:8001`,
        name: `model-${index}`,
        health: () => ({ rate: 1, latencyMs: 10 }),
      }),
    );
    const shown = await show(models);
    try {
      for (const model of models) shown.world.call(model);
      await shown.world.pass(500);
      const { page, faults } = await openPage(browser, shown.dashboard.url);
      await expect.poll(() => page.locator('.chip[data-group="quiet"] b').innerText(), { timeout: 10_000 }).toMatch(/^1\D?000$/);
      shown.run();
      let changed = 0;
      const changes = setInterval(() => {
        const breaker = shown.world.breakers.get(World.nameOf(models[(changed++ * 7) % BREAKERS] as Model));
        breaker?.override(breaker.snapshot().override === null ? 'forcedOpen' : null, { reason: 'load' });
      }, 1_000 / UPDATES_PER_SECOND);
      await page.evaluate(MEASURE);
      await page.locator('#filter').focus();
      const until = performance.now() + SECONDS * 1_000;
      while (performance.now() < until) {
        await page.keyboard.type('model-1', { delay: 60 });
        for (let letter = 0; letter < 7; letter++) await page.keyboard.press('Backspace', { delay: 20 });
      }
      clearInterval(changes);
      const tasks = (await page.evaluate<number[]>('window.tasks')).toSorted((one, other) => other - one);
      const waits = (await page.evaluate<number[]>('window.waits')).toSorted((one, other) => one - other);
      const usual = waits[Math.floor(waits.length * 0.95)] ?? 0;
      console.log(
        `${waits.length} keys: 95% painted in ${Math.round(usual)} ms, all in ${Math.round(waits.at(-1) ?? 0)} ms; ` +
          `${tasks.length} tasks over 50 ms, the longest ${Math.round(tasks[0] ?? 0)} ms; ${changed} changes of state`,
      );
      expect(changed).toBeGreaterThan(UPDATES_PER_SECOND * SECONDS * 0.7);
      expect(tasks[0] ?? 0).toBeLessThan(LONGEST_TASK_MS);
      expect(waits.at(-1)).toBeLessThan(LONGEST_WAIT_MS);
      expect(usual).toBeLessThan(USUAL_WAIT_MS);
      // Only what is on the screen is in the document.
      expect(await page.locator('.row').count()).toBeLessThan(60);
      // And it is right: what the server says last stands there.
      const open = shown.world.breakers.list().filter((breaker) => breaker.snapshot().override !== null).length;
      await expect.poll(() => page.locator('.chip[data-group="open"] b').innerText()).toBe(String(open));
      expect([...faults, ...shown.warnings]).toEqual([]);
    } finally {
      await shown.close();
    }
  });
});
