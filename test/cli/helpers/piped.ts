import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { cacheDirectory } from '../../cache.ts';

/** The program, as it is built from. */
export const MAIN: string = resolve('src/cli/main.ts');

/** How a command ended whose output went into pipes. */
export interface Piped {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

/** What a command is run with. */
export interface RunOptions {
  /** Besides PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
}

/** Commands are started by the hundred: types are taken out of their source once. */
const COMPILED = cacheDirectory('cli-compiled');

/** The environment of a command: nothing of the test's own colours. */
export function environment(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: '/nowhere', USER: 'tester', NODE_COMPILE_CACHE: COMPILED, ...env };
}

/** Runs a command without a terminal. */
export function piped(args: readonly string[], { env, input = '', cwd }: RunOptions = {}): Promise<Piped> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [MAIN, ...args], { env: environment(env), cwd });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => void (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => void (stderr += data.toString()));
    child.on('error', failed);
    child.on('close', (exitCode) => done({ stdout, stderr, exitCode }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
