import { spawn } from 'node:child_process';

/** How a command ended. */
export interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  /** Both streams, in the order of arrival. */
  readonly output: string;
  readonly seconds: number;
}

/** Runs a command and collects what it writes. A command that cannot be started ends with exit code 127. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string = process.cwd(),
  env: NodeJS.ProcessEnv = process.env,
): Promise<Run> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    let stdout = '';
    let output = '';
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const end = (exitCode: number): void =>
      resolve({ exitCode, stdout, output, seconds: (performance.now() - startedAt) / 1000 });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.on('error', (error) => {
      output += `${error.message}\n`;
      end(127);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}
