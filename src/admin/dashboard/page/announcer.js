// Tells state changes to screen readers: a sentence at a time, never a flood.

import { stateOf } from './attention.js';

const PAUSE_MS = 2_000;
/** More at once are told as a number. */
const MOST_NAMED = 3;

/** @param {import('./store.js').Store} store */
export function announceChanges(store, place) {
  const waiting = new Map();
  let timer;
  const speak = () => {
    timer = undefined;
    const changed = [...waiting.values()];
    waiting.clear();
    place.textContent =
      changed.length > MOST_NAMED
        ? `${changed.length} breakers changed their state`
        : changed.map(({ label, row }) => `${label.slice(0, 120)}: ${stateOf(row).word}`).join('. ');
  };
  store.addEventListener('moved', ({ detail }) => {
    for (const breaker of detail) waiting.set(breaker.id, breaker);
    timer ??= setTimeout(speak, PAUSE_MS);
  });
}
