import type { AdminClient } from './admin-client.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { shortName } from './find-breaker.ts';
import type { Terminal } from './terminal.ts';

/** Commands whose first argument is a breaker. */
const NAMING = new Set(['open', 'close', 'release', 'reset', 'mode', 'explain']);

/** Nobody waits longer for a key. */
const TIMEOUT = '700ms';

/** Keys come with requests, and a shell puts what is offered into the command line as it is: `$(...)` would be run. */
const HARMLESS = /^[\w./:[\],@%+=-]+$/;

type Done = (completions: string[]) => void;
type ByDefault = (done?: (error: Error | null, completions: string[] | undefined) => void) => unknown;

/** Completes the names of breakers, which it asks the admin service for, and everything else as yargs does. */
export function completeName(current: string, argv: unknown, byDefault: ByDefault, done: Done): void {
  // yargs puts the program and the command in front: [grpc-breaker, open, part of a name].
  const words = ((argv as { _?: readonly (string | number)[] })._ ?? []).map(String).filter((word) => word !== 'grpc-breaker');
  const isName = NAMING.has(words[0] ?? '') && words.length <= 2 && !current.startsWith('-');
  if (!isName || (words.length === 2 && words[1] !== current)) {
    byDefault();
    return;
  }
  void completeFrom(argv as ConnectionOptions, byDefault, done);
}

async function completeFrom(options: ConnectionOptions, byDefault: ByDefault, done: Done): Promise<void> {
  const names = await namesOf(options).catch(() => undefined);
  if (names === undefined) byDefault();
  else done(names);
}

/** Names without their target where they are the only ones: a `:` would divide the word for bash. */
async function namesOf(options: ConnectionOptions): Promise<string[]> {
  const { connect } = await import('./admin-client.ts');
  const { listBreakers } = await import('./find-breaker.ts');
  const client: AdminClient = await connect({ ...options, timeout: TIMEOUT }, process satisfies Terminal);
  try {
    const names = (await listBreakers(client)).map(({ name }) => name).filter((name) => HARMLESS.test(name));
    const short = names.map(shortName);
    return names.map((name, at) => {
      const own = short[at] ?? name;
      return short.filter((other) => other === own).length === 1 ? own : name;
    });
  } finally {
    client.close();
  }
}
