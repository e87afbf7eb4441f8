import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { startDashboard } from '../../src/admin/index.ts';
import type { Breakers } from '../../src/index.ts';

/** The dashboard of the demo. */
export interface DemoPage {
  /** Keeps the page for whoever looks, until the signal: on a terminal. Elsewhere nobody would end it. */
  readonly stay: (signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Serves the breakers on a page, and says where.
 * @param otlp - where traces go to; Jaeger shows its pages on port 16686 there
 */
export async function openPage(breakers: Breakers, otlp: string | undefined, out: NodeJS.WriteStream): Promise<DemoPage> {
  const write = randomBytes(12).toString('hex');
  const jaeger = otlp === undefined ? {} : { jaegerUrl: `http://${new URL(otlp).hostname}:16686` };
  const dashboard = await startDashboard(breakers, { address: '127.0.0.1:0', tokens: { write }, ...jaeger });
  out.write(`Dashboard: ${dashboard.url}  token: ${write}\n`);
  return {
    async stay(signal) {
      if (!out.isTTY || signal.aborted) return;
      out.write('\nThe dashboard stays until Ctrl+C.\n');
      // The page itself keeps no process alive.
      const awake = setInterval(() => {}, 60_000);
      await once(signal, 'abort');
      clearInterval(awake);
    },
    close: () => dashboard.close(),
  };
}
