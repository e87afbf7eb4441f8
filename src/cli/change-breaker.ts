import type { WireBreaker } from './admin-messages.ts';
import { stateStyle, stateText, whyText } from './breaker-texts.ts';
import { type BreakerView, breakerView } from './breaker-view.ts';
import { type ChangeOptions, expiryOf, reasonOf } from './change-options.ts';
import { withAdmin } from './command.ts';
import { confirm } from './confirm.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { findBreaker } from './find-breaker.ts';
import { plainText } from './plain-text.ts';
import { paintFor, print, printJson, type Terminal } from './terminal.ts';

/** A change of one breaker. */
export interface BreakerChange {
  /** The command, such as `open NAME`. */
  readonly usage: string;
  /** The method of the admin service. */
  readonly method: string;
  /** What is asked before, without the name: `Refuse every call of`. */
  readonly question: string;
  /** More fields of the request. */
  readonly fields?: object;
}

/** Finds the breaker, asks, changes it and tells how it stands then. */
export async function changeBreaker(
  name: string,
  change: BreakerChange,
  options: ChangeOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  // What is wrong with the command line is told before anything is connected.
  const reason = reasonOf(options, `grpc-breaker ${change.usage}`);
  const expiry = await expiryOf(options);
  const changed = await withAdmin(options, terminal, async (client) => {
    const breaker = await findBreaker(client, name, options.yes !== true);
    const until = options.for === undefined ? '' : ` for ${options.for}`;
    const now = `It is ${stateText(breaker)} now.`;
    await confirm(terminal, `${change.question} ${plainText(breaker.name)} at ${client.address}${until}? ${now}`, options.yes);
    const request = { name: breaker.name, reason, ...(expiry === undefined ? {} : { expiry }), ...change.fields };
    return breakerView(await client.ask<WireBreaker>(change.method, request));
  });
  if (options.json === true) printJson(terminal, { address: options.address, breaker: changed });
  else print(terminal, standing(changed, terminal));
  return EXIT.OK;
}

/** `NAME is open (forced): reason (for another 15m)`. */
function standing(breaker: BreakerView, terminal: Terminal): string {
  const paint = paintFor(terminal);
  const isTrying = breaker.override === null && breaker.state === 'open' && breaker.trialDue;
  const why = isTrying ? 'the next call is a trial' : whyText(breaker);
  const state = paint(stateStyle(breaker), stateText(breaker));
  return `${plainText(breaker.name)} is ${state}${why === '' ? '' : `: ${plainText(why)}`}`;
}
