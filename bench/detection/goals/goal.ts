/** A goal of the issue, with the figure that a run gives for it. */
export interface Goal {
  readonly what: string;
  readonly figure: string;
  readonly wanted: string;
  readonly isMet: boolean;
}

/** `falseTripEvery` as it is by default: so many calls lie between two false trips. */
export const FALSE_TRIP_EVERY = 10_000_000;

/** The default `blip` in milliseconds. */
export const BLIP_MS = 100;
