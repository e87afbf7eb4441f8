/** The action of promise-based breakers: each call's promise is settled by the simulation. */
export class DeferredCalls {
  readonly #waiting = new Map<number, (failed: boolean) => void>();

  /** The promise of a call that begins now. */
  begin(index: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(index, (failed) => {
        if (failed) reject(FAILED);
        else resolve();
      });
    });
  }

  /** The call has ended. */
  end(index: number, failed: boolean): void {
    this.#waiting.get(index)?.(failed);
    this.#waiting.delete(index);
  }
}

/** What failed calls are rejected with: made once, stack traces are of no use here. */
const FAILED = new Error('failed');
