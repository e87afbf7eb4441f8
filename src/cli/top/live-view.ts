import { emitKeypressEvents, type Key } from 'node:readline';
import { createLogUpdate } from 'log-update';
import type { WireEvent } from '../admin-messages.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { paintFor, type Terminal } from '../terminal.ts';
import { inOrder } from './order.ts';
import type { RatedBreaker } from './rates.ts';
import { bodyHeight, drawScreen } from './screen.ts';
import { ORDERS, type Order } from './top-options.ts';

/** What the live view is shown. */
export interface LiveData {
  readonly address: string;
  readonly breakers: readonly RatedBreaker[];
  readonly events: readonly WireEvent[];
  readonly lost: { readonly why: string; readonly forMs: number } | undefined;
}

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const CLEAR = '\u001b[2J\u001b[H';

/** Takes a whole terminal: draws, reads keys, and gives it back as it was. */
export class LiveView {
  readonly #terminal: Terminal;
  readonly #data: () => LiveData;
  readonly #log: ReturnType<typeof createLogUpdate>;
  readonly #done: (exitCode: ExitCode) => void;
  readonly #onKey = (text: string | undefined, key: Key): void => this.#press(text ?? '', key);
  readonly #onResize = (): void => this.#redrawAll();
  readonly #onExit = (): void => this.leave();
  #order: Order;
  #isReversed = false;
  #offset = 0;
  #filter: string;
  #isTyping = false;
  #hasHelp = false;
  #isThere = false;

  /**
   * @param data - what it shows, asked for each frame
   * @param done - hears that a person ends it
   */
  constructor(terminal: Terminal, order: Order, filter: string, data: () => LiveData, done: (exitCode: ExitCode) => void) {
    this.#terminal = terminal;
    this.#order = order;
    this.#filter = filter;
    this.#data = data;
    this.#done = done;
    // It would hide the cursor of the standard error; this hides and shows its own.
    this.#log = createLogUpdate(terminal.stdout, { showCursor: true });
  }

  /** Takes the terminal. */
  enter(): void {
    const { stdin, stdout } = this.#terminal;
    this.#isThere = true;
    stdout.write(ENTER);
    stdout.on('resize', this.#onResize);
    // However the process ends, the terminal is as it was.
    process.on('exit', this.#onExit);
    if (stdin.isTTY) {
      emitKeypressEvents(stdin);
      stdin.setRawMode(true);
      stdin.on('keypress', this.#onKey);
      stdin.resume();
    }
    this.draw();
  }

  /** Gives it back. */
  leave(): void {
    if (!this.#isThere) return;
    this.#isThere = false;
    const { stdin, stdout } = this.#terminal;
    stdout.off('resize', this.#onResize);
    process.off('exit', this.#onExit);
    if (stdin.isTTY) {
      stdin.off('keypress', this.#onKey);
      stdin.setRawMode(false);
      stdin.pause();
    }
    stdout.write(LEAVE);
  }

  /** Draws a frame. */
  draw(): void {
    if (!this.#isThere) return;
    const { stdout } = this.#terminal;
    const { address, breakers, events, lost } = this.#data();
    const wanted = this.#filter.toLowerCase();
    const shown = inOrder(
      breakers.filter(({ name }) => name.toLowerCase().includes(wanted)),
      this.#order,
      this.#isReversed,
    );
    const size = { columns: stdout.columns, rows: stdout.rows };
    const height = bodyHeight(size, events.length, this.#hasHelp);
    this.#offset = Math.max(0, Math.min(this.#offset, shown.length - height));
    const state = {
      ...{ address, events, lost, breakers: shown, all: breakers, order: this.#order, isReversed: this.#isReversed },
      ...{ offset: this.#offset, filter: this.#filter, isTyping: this.#isTyping, hasHelp: this.#hasHelp },
    };
    this.#log(drawScreen(state, { ...size, paint: paintFor(this.#terminal) }));
  }

  /** What stood there was wrapped anew by the terminal: nothing of it can be kept. */
  #redrawAll(): void {
    this.#log.done();
    this.#terminal.stdout.write(CLEAR);
    this.draw();
  }

  #press(text: string, key: Key): void {
    if (key.ctrl === true && key.name === 'c') return this.#done(EXIT.INTERRUPTED);
    if (this.#isTyping) this.#type(text, key);
    else this.#command(text, key.name ?? '');
    this.draw();
  }

  #type(text: string, { name }: Key): void {
    if (name === 'escape') this.#filter = '';
    if (name === 'escape' || name === 'return' || name === 'enter') this.#isTyping = false;
    else if (name === 'backspace') this.#filter = this.#filter.slice(0, -1);
    else if (/^[\p{L}\p{N}\p{P}\p{S} ]+$/u.test(text)) this.#filter += text;
    this.#offset = 0;
  }

  #command(text: string, name: string): void {
    const page = Math.max(1, bodyHeight(this.#terminal.stdout, this.#data().events.length, this.#hasHelp) - 1);
    const steps: Readonly<Record<string, number>> = {
      ...{ up: -1, k: -1, down: 1, j: 1, pageup: -page, pagedown: page, space: page, home: -Infinity, end: 1e9 },
    };
    if (text === 'q' || text === 'Q') this.#done(EXIT.OK);
    else if (text === 's') this.#order = ORDERS[(ORDERS.indexOf(this.#order) + 1) % ORDERS.length] ?? 'attention';
    else if (text === 'r') this.#isReversed = !this.#isReversed;
    else if (text === 'h' || text === '?') this.#hasHelp = !this.#hasHelp;
    else if (text === '/') this.#isTyping = true;
    else if (name === 'escape') this.#filter = '';
    else this.#offset = Math.max(0, this.#offset + (steps[name] ?? 0));
  }
}
