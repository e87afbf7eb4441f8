import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BacktestResult } from './backtest-result.ts';
import { formatReport } from './format-report.ts';
import { escapeMarkup } from './texts.ts';
import { timelineModel } from './timeline-model.ts';
import { PAGE_SCRIPT } from './timeline-script.ts';

const STYLE = `
:root { color-scheme: light dark; --page: #f9f9f7; --surface: #fcfcfb; --ink: #111; --soft: #5a5f66; --line: #dfe2e6;
  --closed: #b9dfc5; --open: #d1242f; --half: #e8a33d; --failed: #d1242f; --refused: #6b7c93; --good: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --page: #0e1013; --surface: #171a1f; --ink: #f2f2f2; --soft: #a7afb9; --line: #2c323a;
  --closed: #245c3a; --open: #f0616a; --half: #d99a2b; --failed: #f0616a; --refused: #8d9db3; --good: #4cc178; } }
* { box-sizing: border-box }
body { margin: 0; padding: 20px 16px 48px; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 1120px; margin: 0 auto } h1 { font-size: 21px; margin: 0 0 4px } h2 { font-size: 15px; margin: 0 0 6px }
p { margin: 0 0 8px; color: var(--soft) } section { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; margin-top: 14px }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 13px; color: var(--soft) } .legend i { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin-right: 6px }
.breaker { margin-top: 12px } .breaker h3 { font-size: 13px; margin: 0 0 3px; overflow-wrap: anywhere }
.row { display: grid; grid-template-columns: minmax(70px, 180px) 1fr; gap: 8px; align-items: center; font-size: 12px; color: var(--soft) } .row > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: right }
.band { position: relative; height: 14px; background: var(--closed); overflow: hidden; margin: 1px 0 } .band i { position: absolute; top: 0; bottom: 0; min-width: 1px }
pre { overflow-x: auto; margin: 0; font: 12px/1.45 ui-monospace, monospace } button { font: inherit; padding: 2px 10px }
`;

/** A timeline as a page of its own: it can be zoomed into, and asks for nothing from outside. */
export function timelinePage(result: BacktestResult): string {
  const { resolve } = createRequire(import.meta.url);
  const library = resolve('uplot/dist/uPlot.iife.min.js');
  const script = readFileSync(library, 'utf8');
  const style = readFileSync(library.replace('uPlot.iife.min.js', 'uPlot.min.css'), 'utf8');
  const model = timelineModel(result);
  const title = 'Backtest of circuit breakers';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${title}</title>
<style>${style}${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>The same calls under each policy. Drag over a chart to look closer, double-click to see all again.</p>
<div class="legend">${legend()}</div>
<div id="charts"></div>
<section id="states"><h2>States</h2></section>
<section><h2>In numbers</h2><pre>${escapeLines(formatReport(result))}</pre></section>
</main>
<script type="application/json" id="model">${JSON.stringify(model).replaceAll('<', String.raw`\u003c`)}</script>
<script>${script}</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

function legend(): string {
  const kinds = [
    ['failed', 'failed calls let through'],
    ['refused', 'refused calls'],
    ['closed', 'closed'],
    ['open', 'open'],
    ['half', 'half-open'],
  ];
  return kinds.map(([kind = '', text = '']) => `<span><i style="background:var(--${kind})"></i>${text}</span>`).join('');
}

function escapeLines(text: string): string {
  return text.split('\n').map(escapeMarkup).join('\n');
}
