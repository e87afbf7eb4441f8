import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { onTestFinished } from 'vitest';
import { environment, MAIN } from './piped.ts';

/** How large the terminal is, and what the command is run with. */
export interface PtyOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A command in a real terminal, whose screen can be read as a person reads it. */
export class Pty {
  readonly #process: ReturnType<typeof spawn>;
  readonly #terminal: InstanceType<typeof xterm.Terminal>;
  readonly #waiting = new Set<() => void>();
  /** All that was written, with its escape sequences. */
  output = '';
  /** The exit code, or the signal as shells count it. */
  readonly exitCode: Promise<number>;

  constructor(args: readonly string[], { columns = 100, rows = 30, env, cwd }: PtyOptions = {}) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.#process = spawn(process.execPath, [MAIN, ...args], {
      ...{ name: 'xterm-256color', cols: columns, rows, cwd: cwd ?? process.cwd() },
      env: environment({ TERM: 'xterm-256color', ...env }),
    });
    const { promise, resolve } = Promise.withResolvers<number>();
    this.exitCode = promise;
    this.#process.onData((data) => {
      this.output += data;
      this.#terminal.write(data, () => {
        for (const look of this.#waiting) look();
      });
    });
    this.#process.onExit(({ exitCode, signal = 0 }) =>
      this.#terminal.write('', () => resolve(signal === 0 ? exitCode : 128 + signal)),
    );
    onTestFinished(() => {
      try {
        this.#process.kill('SIGKILL');
      } catch {
        // It has ended.
      }
      this.#terminal.dispose();
    });
  }

  /** Types. */
  type(text: string): void {
    this.#process.write(text);
  }

  /** Sends a signal. */
  kill(signal: string): void {
    this.#process.kill(signal);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.#process.resize(columns, rows);
  }

  /** The lines that are to be seen, without spaces at their ends. */
  get screen(): string[] {
    const { active } = this.#terminal.buffer;
    return Array.from(
      { length: this.#terminal.rows },
      (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '',
    );
  }

  /** All lines, those above the screen, too. */
  get text(): string {
    const { active } = this.#terminal.buffer;
    const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '');
    return lines.join('\n').trimEnd();
  }

  /** Whether the alternate screen is shown, which programs take that use the whole terminal. */
  get isWhole(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  /** Whether the cursor is shown, by the last that was said of it. */
  get hasCursor(): boolean {
    return this.output.lastIndexOf('\u001b[?25h') >= this.output.lastIndexOf('\u001b[?25l');
  }

  /** The colour of a text on the screen, by its number in the palette; -1 for none. */
  colourOf(text: string): number {
    const row = this.screen.findIndex((line) => line.includes(text));
    if (row < 0) throw new Error(`"${text}" is not on the screen:\n${this.screen.join('\n')}`);
    const { active } = this.#terminal.buffer;
    const cell = active.getLine(active.viewportY + row)?.getCell(this.screen[row]?.indexOf(text) ?? 0);
    return cell?.isFgPalette() === true ? cell.getFgColor() : -1;
  }

  /** Waits until something is to be seen. @throws what is to be seen after 15 seconds without it */
  async sees(what: string | RegExp | ((screen: readonly string[]) => boolean)): Promise<void> {
    const isThere = () => {
      const { screen } = this;
      if (typeof what === 'function') return what(screen);
      const text = screen.join('\n');
      return typeof what === 'string' ? text.includes(what) : what.test(text);
    };
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => isThere() && resolve();
    const timer = setTimeout(() => reject(new Error(`${String(what)} is not to be seen:\n${this.screen.join('\n')}`)), 15_000);
    this.#waiting.add(look);
    look();
    await promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(look);
    });
  }
}

/** Runs a command in a terminal until it ends. */
export async function inTerminal(
  args: readonly string[],
  options: PtyOptions = {},
): Promise<{ readonly text: string; readonly exitCode: number; readonly pty: Pty }> {
  const pty = new Pty(args, options);
  const exitCode = await pty.exitCode;
  return { text: pty.text, exitCode, pty };
}
