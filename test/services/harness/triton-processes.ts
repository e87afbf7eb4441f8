import { readdirSync, readFileSync } from 'node:fs';
import type { Triton } from './triton.ts';

/** Triton runs each model of its Python backend in a process of its own, in the server's process group. */
const STUB = 'triton_python_backend_stub';

/**
 * Kills the process of one model: the server stays, and does not notice at once.
 * @throws when there is no such process
 */
export function killModel(server: Triton, model: string): void {
  const pid = readdirSync('/proc').find((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      const [command = '', ...args] = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
      return command.endsWith(STUB) && args.includes(`${model}_0_0`) && parentOf(entry) === server.pid;
    } catch {
      return false; // it has just ended
    }
  });
  if (pid === undefined) throw new Error(`Triton has no process for ${model}`);
  process.kill(Number(pid), 'SIGKILL');
}

function parentOf(pid: string): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
