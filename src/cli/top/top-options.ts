import type { ConnectionOptions } from '../connection-options.ts';

/** What `top` is sorted by. */
export const ORDERS = ['attention', 'name', 'calls', 'failed', 'refused', 'latency'] as const;

/** One of {@link ORDERS}. */
export type Order = (typeof ORDERS)[number];

/** How it is watched. */
export interface TopOptions extends ConnectionOptions {
  /** Only breakers that have this in their name. */
  readonly name?: string;
  /** How often it is drawn or printed, as a duration. */
  readonly interval: string;
  /** Ends after so many; undefined for never. */
  readonly count?: number;
  readonly sort: Order;
  readonly json?: boolean;
}
