/** Steps of a script that a test takes one by one. Each may be allowed before it is waited for. */
export class Steps {
  #allowed = 0;
  #waiting: (() => void) | undefined;

  /** Allows so many more steps. */
  go(count = 1): void {
    this.#allowed += count;
    this.#waiting?.();
  }

  /** Waits until the next step is allowed. */
  async next(): Promise<void> {
    if (this.#allowed === 0) await new Promise<void>((resolve) => (this.#waiting = resolve));
    this.#waiting = undefined;
    this.#allowed--;
  }
}
