import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../examples/demo/main.ts', import.meta.url));

/** The demo as a user starts it, in a folder and a process group of its own. */
export interface DemoProcess {
  readonly child: ChildProcess;
  /** The folder it runs in, and writes its report to. */
  readonly folder: string;
  /** What it has written to stdout so far. */
  readonly written: () => string;
  /** Waits for its end. */
  readonly end: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Starts `npm run demo` with these flags. */
export function startDemo(...flags: readonly string[]): DemoProcess {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-demo-'));
  const child = spawn(process.execPath, ['--max-semi-space-size=4', MAIN, ...flags], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => (stdout += String(text)));
  child.stderr.on('data', (text) => (stderr += String(text)));
  const end = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, folder, written: () => stdout, end };
}

/** Whether any process of the demo, its model servers among them, is still there. */
export function leftBehind({ child }: DemoProcess): boolean {
  try {
    process.kill(-(child.pid ?? 0), 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
