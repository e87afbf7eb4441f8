import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { LATE_MS } from '../call-log.ts';
import { verdict } from '../judgement.ts';
import type { DemoResult } from '../result.ts';
import type { Run } from '../run.ts';
import { plotOf } from './plot-data.ts';
import { tiles } from './tiles.ts';

const require = createRequire(import.meta.url);

/**
 * Writes `demo-report.html` into the current folder: one file that asks nothing of any network.
 * @returns its path
 */
export function writeReport(bare: Run, guarded: Run | undefined, result: DemoResult, missing: readonly string[]): string {
  const file = resolve('demo-report.html');
  writeFileSync(file, reportPage(bare, guarded, result, missing));
  return file;
}

/** The report as the text of its file. */
export function reportPage(bare: Run, guarded: Run | undefined, result: DemoResult, missing: readonly string[]): string {
  const plots = (guarded === undefined ? [bare] : [bare, guarded]).map(plotOf);
  const mood = guarded === undefined ? '' : missing.length > 0 ? 'bad' : 'good';
  const parts: Record<string, string> = {
    INTRODUCTION: introduction(bare, guarded),
    VERDICT: verdict(guarded, missing)
      .map((sentence) => `<p class="verdict ${mood}">${escaped(sentence)}</p>`)
      .join('\n'),
    TILES: tiles(bare, guarded, result),
    CHART_STYLE: text(require.resolve('uplot/dist/uPlot.min.css')),
    CHART_LIBRARY: text(require.resolve('uplot/dist/uPlot.iife.min.js')),
    CHARTS: own('charts.browser.js'),
    // "<" could end the script element that holds the data.
    DATA: `const RUNS = ${JSON.stringify(plots).replaceAll('<', '\\u003c')};`,
  };
  return own('page.html').replace(/(?:\/\*)?\{\{([A-Z_]+)\}\}(?:\*\/)?/g, (_, name: string) => parts[name] ?? '');
}

function introduction(bare: Run, guarded: Run | undefined): string {
  const faults = bare.faults.length > 0 ? ' Meanwhile the server is slowed down, hung, made to fail, and killed.' : '';
  const runs = guarded === undefined ? 'One run, with a plain client' : 'The same market twice, first with a plain client';
  const second = guarded === undefined ? '' : ', then with a circuit breaker';
  return `The bot asks for a prediction on each tick and can use it for ${LATE_MS} ms.${faults} ${runs} (deadline 1 s)${second}.`;
}

function escaped(sentence: string): string {
  return sentence.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function own(name: string): string {
  return text(new URL(name, import.meta.url));
}

function text(file: string | URL): string {
  return readFileSync(file, 'utf8');
}
