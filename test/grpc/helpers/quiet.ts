/**
 * Waits until a number stands still, such as what a transport has taken that nobody reads from.
 * @param read - the number
 * @param forMs - for so long
 */
export async function settled(read: () => number, forMs = 60): Promise<number> {
  let last = read();
  for (let since = performance.now(); performance.now() - since < forMs; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (read() === last) continue;
    last = read();
    since = performance.now();
  }
  return last;
}

/** Hands the event loop on, so many times. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
