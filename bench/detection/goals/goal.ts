/** A goal of the issue, with the figure that a run gives for it. */
export interface Goal {
  readonly what: string;
  readonly figure: string;
  readonly wanted: string;
  readonly isMet: boolean;
}
