import type { Argv } from 'yargs';
import { usageError } from './cli-error.ts';
import { type ConnectionOptions, withConnection } from './connection-options.ts';

/** What every change needs. */
export interface ChangeOptions extends ConnectionOptions {
  /** Why. Undefined where it was left out, which is refused. */
  readonly reason?: string | undefined;
  /** Until when, as a duration. */
  readonly for?: string | undefined;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Adds the options of a command that changes something. */
export function withChange<T>(parser: Argv<T>, lasts: string | undefined): Argv<T & ChangeOptions> {
  const reasoned = parser
    .option('reason', { alias: 'r', type: 'string', requiresArg: true, describe: 'Why, for those who find it later (required)' })
    .option('yes', { alias: 'y', type: 'boolean', describe: 'Do not ask; needed without a terminal' })
    .option('json', { type: 'boolean', describe: 'Print what came of it as JSON' });
  const timed =
    lasts === undefined
      ? reasoned
      : reasoned.option('for', {
          type: 'string',
          requiresArg: true,
          describe: `It ends by itself after so long, such as 15m. ${lasts}`,
        });
  return withConnection(timed);
}

/** The reason of a change. @throws CliError without one */
export function reasonOf({ reason }: ChangeOptions, what: string): string {
  const text = reason?.trim() ?? '';
  if (text === '')
    throw usageError(`a reason is missing`, `say why, for those who find it later: ${what} --reason "INC-123: server restarts"`);
  return text;
}

/** `google.protobuf.Duration` of --for; undefined where it was left out. @throws CliError for what is no duration */
export async function expiryOf({ for: given }: ChangeOptions): Promise<{ seconds: number; nanos: number } | undefined> {
  if (given === undefined) return undefined;
  const { parseDuration } = await import('../policy/units.ts');
  const ms = parseDuration(given);
  if (ms === undefined || ms === 0)
    throw usageError(`--for ${given} is no duration`, 'give a number with its unit, such as 90s, 15m or 2h');
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
}
