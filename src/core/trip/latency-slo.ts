import type { LatencySloConfig } from '../options.ts';
import { SlowCallRate } from './slow-call-rate.ts';

/** Placeholder of the main author until the real one stands here. */
export class LatencySlo extends SlowCallRate {
  constructor(config: LatencySloConfig) {
    super({ ...config, slowerThanMs: config.limitMs, threshold: 0.5 });
  }
}
