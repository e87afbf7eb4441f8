import type { BacktestResult } from './backtest-result.ts';
import { timelineModel } from './timeline-model.ts';
import { timelinePage } from './timeline-page.ts';
import { timelineSvg } from './timeline-svg.ts';

/**
 * Draws a result: failed and refused calls by time, and the states of the breakers with the most trouble, a line for each policy. Dark or light, as its
 * reader has it.
 * @param format - `svg` for a picture, `html` for a page that can be zoomed into; neither asks for anything from outside
 */
export function renderTimeline(result: BacktestResult, format: 'svg' | 'html'): string {
  return format === 'svg' ? timelineSvg(timelineModel(result)) : timelinePage(result);
}
