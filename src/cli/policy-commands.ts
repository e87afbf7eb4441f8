import type { Policy } from '../policy/policy.ts';
import { writePolicy } from '../policy/policy-document.ts';
import type { WirePolicy, WireReload } from './admin-messages.ts';
import { type ChangeOptions, expiryOf, reasonOf } from './change-options.ts';
import { usageError } from './cli-error.ts';
import { withAdmin } from './command.ts';
import { confirm } from './confirm.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { formatNumber } from './formats.ts';
import { plainText } from './plain-text.ts';
import { readInput } from './read-input.ts';
import { paintFor, print, printJson, say, type Terminal } from './terminal.ts';

/** Prints the policy that holds. */
export async function getPolicy(options: ConnectionOptions, isJson: boolean, terminal: Terminal): Promise<ExitCode> {
  const { document, etag, hasCode } = await withAdmin(options, terminal, (client) => client.ask<WirePolicy>('GetPolicy'));
  const policy = JSON.parse(document) as Policy;
  if (isJson) {
    printJson(terminal, { address: options.address, etag, hasCode, policy });
    return EXIT.OK;
  }
  if (hasCode)
    say(
      terminal,
      'note: it has functions or clients of code in it, told as [function] and [object]; it cannot be loaded as it is',
    );
  terminal.stdout.write(writePolicy(withSingleDollars(policy) as Policy, 'yaml'));
  return EXIT.OK;
}

/** What else a reload is asked for. */
export interface ReloadAsk {
  readonly isCheck: boolean;
  readonly etag: string | undefined;
}

/** Puts another policy in place, and tells what changed. */
export async function reloadPolicy(
  file: string,
  { isCheck, etag }: ReloadAsk,
  options: ChangeOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const reason = isCheck ? '' : reasonOf(options, `grpc-breaker policy reload ${file}`);
  const expiry = isCheck ? undefined : await expiryOf(options);
  const document = readText(file);
  const result = await withAdmin(options, terminal, async (client) => {
    if (!isCheck) {
      // What is wrong with it is told before anyone is asked.
      await client.ask('ReloadPolicy', { document, validateOnly: true });
      await confirm(terminal, `Put ${file} in place of the policy at ${client.address}?`, options.yes);
    }
    const request = { document, reason, etag: etag ?? '', validateOnly: isCheck };
    return await client.ask<WireReload>('ReloadPolicy', expiry === undefined ? request : { ...request, expiry });
  });
  const changes = result.changes.map(({ path, from, to }) => ({ path, from: parsed(from), to: parsed(to) }));
  if (options.json === true) {
    printJson(terminal, { address: options.address, applied: !isCheck, kept: result.kept, ended: result.ended, changes });
    return EXIT.OK;
  }
  if (isCheck) {
    print(terminal, `${file} would be taken`);
    return EXIT.OK;
  }
  const paint = paintFor(terminal);
  const lines = result.changes.map(
    ({ path, from, to }) =>
      `  ${plainText(path)}: ${paint('red', plainText(from === '' ? '(nothing)' : from))} -> ${paint('green', plainText(to === '' ? '(nothing)' : to))}`,
  );
  const what = changes.length === 0 ? 'nothing is different' : formatNumber(changes.length, 'change');
  print(
    terminal,
    [`${file} holds now: ${what}; ${formatNumber(result.kept, 'breaker')} kept, ${result.ended} ended`, ...lines].join('\n'),
  );
  return EXIT.OK;
}

/** Nothing stood there where the JSON is empty. */
function parsed(json: string): unknown {
  return json === '' ? null : JSON.parse(json);
}

function readText(file: string): string {
  try {
    return readInput(file);
  } catch (error) {
    throw usageError(`${file} cannot be read: ${(error as Error).message}`, 'check the path and its permissions');
  }
}

/** A document has `$$` for each `$`, and writing it doubles them anew. */
function withSingleDollars(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$$', '$');
  if (Array.isArray(value)) return value.map(withSingleDollars);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withSingleDollars(inner)]));
}
