import type { WindowConfig } from '../options.ts';
import { LatencyCountWindow } from './latency-count-window.ts';
import { LatencyTimeWindow } from './latency-time-window.ts';
import type { LatencyWindow } from './latency-window.ts';

/** The window that a configuration asks for. */
export function createLatencyWindow(config: WindowConfig, limitMs: number): LatencyWindow {
  return 'calls' in config
    ? new LatencyCountWindow(config.calls, limitMs)
    : new LatencyTimeWindow(config.durationMs, config.slices, limitMs);
}
