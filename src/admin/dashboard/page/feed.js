// The live feed: server-sent events over fetch, because EventSource sends no header and a token has no place in an address.

import { Refused } from './session.js';

/** The server says something every 10 seconds; after this long without a word the connection is dead. */
const SILENT_MS = 25_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Follows the server for as long as the page lives, through its restarts.
 * @param {import('./session.js').Session} session
 * @param {{ message(event: string, data: object): void, state(state: string): void, refused(error: Refused): Promise<void> }} hear
 */
export async function follow(session, hear) {
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    try {
      await once(session, hear, () => {
        pause = FIRST_PAUSE_MS;
      });
    } catch (error) {
      if (error instanceof Refused && (error.status === 401 || error.status === 429)) {
        hear.state('locked');
        await hear.refused(error);
        continue;
      }
    }
    hear.state('lost');
    await waited(pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

async function once(session, hear, connected) {
  const abort = new AbortController();
  let watchdog;
  const alive = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => abort.abort(), SILENT_MS);
  };
  alive();
  try {
    const body = await session.stream(abort.signal);
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    hear.state('live');
    connected();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      rest = deliver(rest + value, hear);
    }
  } finally {
    clearTimeout(watchdog);
    abort.abort();
  }
}

/** Delivers each whole event, and returns what is left. */
function deliver(text, hear) {
  const parts = text.split('\n\n');
  const rest = parts.pop();
  for (const part of parts) {
    const [, event, data] = /^event: (\w+)\ndata: (.*)$/s.exec(part) ?? [];
    if (data !== undefined) hear.message(event, JSON.parse(data));
  }
  return rest;
}

/** A pause, which ends early when the page is looked at again or the network is back. */
function waited(ms) {
  return new Promise((resolve) => {
    const on = () => {
      clearTimeout(timer);
      window.removeEventListener('online', on);
      document.removeEventListener('visibilitychange', on);
      resolve();
    };
    const timer = setTimeout(on, ms);
    window.addEventListener('online', on);
    document.addEventListener('visibilitychange', on);
  });
}
