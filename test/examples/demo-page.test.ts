import { describe, expect, it, onTestFinished } from 'vitest';
import { openPage } from '../../examples/demo/demo-page.ts';
import { createBreakers } from '../../src/index.ts';

describe('the page of the demo', () => {
  it('is where it says, and its token steers', async () => {
    const breakers = createBreakers({}, { telemetry: false });
    let said = '';
    const out = { isTTY: false, write: (text: string) => (said += text) } as unknown as NodeJS.WriteStream;
    const page = await openPage(breakers, undefined, out);
    onTestFinished(async () => {
      await page.close();
      breakers.dispose();
    });
    const [, url, token] = /Dashboard: (\S+) {2}token: (\S+)/.exec(said) ?? [];
    const session = await fetch(`${url}api/session`, { headers: { authorization: `Bearer ${token}` } });
    expect(await session.json()).toMatchObject({ mayWrite: true });
    // Off a terminal nobody could end it.
    await page.stay(new AbortController().signal);
  });
});
