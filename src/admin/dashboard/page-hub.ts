import type { ServerResponse } from 'node:http';
import type { WarningHandler } from '../../policy/ports.ts';
import type { Observatory } from './observatory.ts';

/** Looks for pages: four a second. Without pages only history looks, once a second. */
const LOOK_MS = 250;
const IDLE_LOOK_MS = 1_000;

/** Looking takes at most this share of the process's time: where a look takes long, the next one is later. */
const MOST_OF_TIME = 0.05;

/** A comment so often, so that proxies and pages know that the connection stands. */
const HEARTBEAT_MS = 10_000;

/** A page that has not taken what was sent for so long is dropped. It may come again. */
const SLOW_MS = 10_000;

/** Sets a timer that does not keep the process alive; returns a function that ends it. */
export type Later = (ms: number, run: () => void) => () => void;

/** What the hub works with. */
export interface HubParts {
  readonly observatory: Observatory;
  readonly later: Later;
  readonly maxPages: number;
  readonly onWarning: WarningHandler;
}

interface Page {
  readonly response: ServerResponse;
  /** It has not taken all of it yet: since when, and so it gets everything anew; undefined when it keeps up. */
  behindSince: number | undefined;
}

/** Sends server-sent events to pages: each message is serialised once for all of them, and nothing is kept for a page that does not keep up. */
export class PageHub {
  readonly #parts: HubParts;
  readonly #pages = new Set<Page>();
  #stopTimer: () => void;
  #sentMs = 0;
  /** Everything as one message, made when somebody needs it. */
  #full: string | undefined;
  #isClosed = false;
  /** A look is under way: its end sets the timer of the next one, and nothing else does meanwhile. */
  #isLooking = false;
  /** Looks have had their share of the time until then. */
  #restUntilMs = 0;

  constructor(parts: HubParts) {
    this.#parts = parts;
    this.#stopTimer = parts.later(0, () => void this.#round());
  }

  /** How many pages look. */
  get size(): number {
    return this.#pages.size;
  }

  /** Whether another page finds a place. */
  get hasRoom(): boolean {
    return !this.#isClosed && this.#pages.size < this.#parts.maxPages;
  }

  /** A page looks from now on. Its headers are written. */
  add(response: ServerResponse): void {
    const page: Page = { response, behindSince: undefined };
    this.#pages.add(page);
    response.on('close', () => this.#pages.delete(page));
    response.on('error', () => this.#pages.delete(page));
    response.on('drain', () => this.#caughtUp(page));
    this.#write(page, this.#everything());
    if (this.#pages.size > 1 || this.#isLooking) return;
    // The timer is the slow one of a dashboard that nobody looks at. Pages that come again and again make no more looks than one that stays.
    this.#stopTimer();
    const restMs = Math.max(0, this.#restUntilMs - this.#parts.observatory.nowMs);
    this.#stopTimer = this.#parts.later(restMs, () => void this.#round());
  }

  /** Lets every page go. */
  close(): void {
    this.#isClosed = true;
    this.#stopTimer();
    for (const { response } of this.#pages) response.destroy();
    this.#pages.clear();
  }

  async #round(): Promise<void> {
    let busyMs = 0;
    this.#isLooking = true;
    try {
      busyMs = await this.#lookAndTell();
    } catch (error) {
      this.#parts.onWarning('the dashboard could not look at the breakers', error);
    }
    this.#isLooking = false;
    if (this.#isClosed) return;
    this.#restUntilMs = this.#parts.observatory.nowMs + busyMs / MOST_OF_TIME;
    const pause = this.#pages.size > 0 ? LOOK_MS : IDLE_LOOK_MS;
    this.#stopTimer = this.#parts.later(Math.max(pause, busyMs / MOST_OF_TIME), () => void this.#round());
  }

  async #lookAndTell(): Promise<number> {
    const { observatory } = this.#parts;
    const { rows, come, gone, busyMs } = await observatory.look();
    const now = observatory.nowMs;
    if (rows.length > 0 || gone.length > 0) {
      this.#full = undefined;
      if (this.#pages.size > 0) this.#tell(message('rows', now, rows, come, gone));
    } else if (now - this.#sentMs > HEARTBEAT_MS) {
      this.#tell(`event: beat\ndata: {"now":${now}}\n\n`);
    }
    return busyMs;
  }

  #tell(text: string): void {
    const now = this.#parts.observatory.nowMs;
    this.#sentMs = now;
    for (const page of this.#pages) {
      if (page.behindSince === undefined) this.#write(page, text);
      else if (now - page.behindSince > SLOW_MS) page.response.destroy();
    }
  }

  #everything(): string {
    const { observatory } = this.#parts;
    if (this.#full === undefined) {
      const { rows, come } = observatory.all();
      this.#full = message('full', observatory.nowMs, rows, come, []);
    }
    return this.#full;
  }

  #write(page: Page, text: string): void {
    if (!page.response.write(text)) page.behindSince = this.#parts.observatory.nowMs;
  }

  /** What it has missed meanwhile it gets as a whole. */
  #caughtUp(page: Page): void {
    const { behindSince } = page;
    page.behindSince = undefined;
    // Nothing was sent since: it has missed nothing.
    if (behindSince === undefined || this.#sentMs <= behindSince) return;
    this.#write(page, this.#everything());
  }
}

/** A server-sent event. JSON has no line breaks in it, so that names cannot make an event of their own. */
function message(event: string, now: number, rows: readonly string[], come: readonly object[], gone: readonly number[]): string {
  return `event: ${event}\ndata: {"now":${now},"come":${JSON.stringify(come)},"gone":${JSON.stringify(gone)},"rows":[${rows.join(',')}]}\n\n`;
}
