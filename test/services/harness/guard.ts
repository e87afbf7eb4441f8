/**
 * `node guard.ts COMMAND ARGS...` runs a service for a test process and outlives it by a moment: when the test process is
 * gone, however it ended, the channel to it closes, and the service is killed. Tells over the channel how the start went;
 * ends when the service has ended.
 */
import { spawn } from 'node:child_process';

/** What the guard tells the test process. */
export type GuardMessage = { readonly started: number } | { readonly failed: string };

const [command = '', ...args] = process.argv.slice(2);
const service = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });

function tell(message: GuardMessage): void {
  if (process.connected) process.send?.(message);
}

service.on('spawn', () => tell({ started: service.pid ?? 0 }));
service.on('error', (error) => tell({ failed: error.message }));
service.on('close', () => {
  if (process.connected) process.disconnect();
});
process.on('disconnect', () => {
  if (service.pid === undefined) return;
  try {
    process.kill(-service.pid, 'SIGKILL'); // the whole group, also when it is stopped
  } catch {
    // It has ended already.
  }
});
