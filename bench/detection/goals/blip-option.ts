import type { BareBreakerOptions } from '../../../src/create-breaker.ts';

/** The same options with another `blip`, in milliseconds. */
export function withBlip(options: BareBreakerOptions, blipMs: number): BareBreakerOptions {
  const blip = blipMs === 0 ? 0 : (`${blipMs}ms` as const);
  return { ...options, trip: { ...options.trip, adaptive: { ...options.trip?.adaptive, blip } } };
}
