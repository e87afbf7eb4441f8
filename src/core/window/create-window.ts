import type { WindowConfig } from '../options.ts';
import { CountWindow } from './count-window.ts';
import type { RateWindow } from './rate-window.ts';
import { TimeWindow } from './time-window.ts';

/** The window that a configuration asks for. */
export function createWindow(config: WindowConfig): RateWindow {
  return 'calls' in config ? new CountWindow(config.calls) : new TimeWindow(config.durationMs, config.slices);
}
