/**
 * `node guard.ts COMMAND ARGS...` runs a service for a test process and outlives it by a moment: when the test process is
 * gone, however it ended, the channel to it closes, and the service is killed. Tells its pid and its end over the channel.
 */
import { spawn } from 'node:child_process';

const [command = '', ...args] = process.argv.slice(2);
const service = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });

function kill(): void {
  if (service.pid === undefined) return;
  try {
    process.kill(-service.pid, 'SIGKILL'); // the whole group, also when it is stopped
  } catch {
    // It has ended already.
  }
}

/** What the guard tells the test process. */
export type GuardMessage =
  | { readonly started: number }
  | { readonly failed: string }
  | { readonly ended: { readonly code: number | null; readonly signal: string | null } };

function tell(message: GuardMessage): void {
  if (process.connected) process.send?.(message);
}

service.on('spawn', () => tell({ started: service.pid ?? 0 }));
service.on('error', (error) => tell({ failed: error.message }));
service.on('exit', (code, signal) => {
  tell({ ended: { code, signal } });
  if (process.connected) process.disconnect();
});
process.on('disconnect', kill);
