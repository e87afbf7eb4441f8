import type { AdminClient } from './admin-client.ts';
import type { WireList } from './admin-messages.ts';
import { byAttention } from './attention.ts';
import { type BreakerView, breakerView, stateOf } from './breaker-view.ts';
import { CliError } from './cli-error.ts';
import { plainText } from './plain-text.ts';

/** How many names an error lists. */
const SHOWN = 8;

/** Which breakers to ask for. */
export interface BreakerFilter {
  readonly states?: readonly string[] | undefined;
  readonly nameContains?: string | undefined;
}

const STATE_NAMES = ['STATE_CLOSED', 'STATE_OPEN', 'STATE_HALF_OPEN'] as const;

/** Every breaker of the process, those that need attention first. */
export async function listBreakers(
  client: AdminClient,
  { states = [], nameContains }: BreakerFilter = {},
): Promise<BreakerView[]> {
  const breakers = new Map<string, BreakerView>();
  let pageToken = '';
  do {
    const page: WireList = await client.ask<WireList>('List', {
      pageSize: 1000,
      pageToken,
      nameContains: nameContains ?? '',
      states: STATE_NAMES.filter((name) => states.includes(stateOf(name))),
    });
    for (const breaker of page.breakers) breakers.set(breaker.name, breakerView(breaker));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return [...breakers.values()].toSorted(byAttention);
}

/**
 * The breaker that a person means: the one of that name, else the only one whose name ends in it (behind a `/`, or as its `[key]`), else the only one that has it in its
 * name, in any case.
 * @param isAsked - a person is asked whether it is the right one. Where nobody is, a part in the middle of a name is not enough: the breaker that was
 * meant may not be there yet
 * @throws CliError where there is none, with the nearest name, and where there are several
 */
export async function findBreaker(client: AdminClient, given: string, isAsked = true): Promise<BreakerView> {
  const found = await listBreakers(client, { nameContains: given });
  const exact = found.find(({ name }) => name === given);
  if (exact !== undefined) return exact;
  const ends = [`/${given.toLowerCase()}`, `[${given.toLowerCase()}]`];
  const ending = found.filter(({ name }) => ends.some((end) => name.toLowerCase().endsWith(end)));
  const meant = ending.length > 0 || !isAsked ? ending : found;
  const [first, second] = meant;
  if (first !== undefined && second === undefined) return first;
  if (first === undefined) throw await unknownName(client, given);
  const names = meant.slice(0, SHOWN).map(({ name }) => `  ${plainText(name)}`);
  const more = meant.length > SHOWN ? [`  and ${meant.length - SHOWN} more`] : [];
  throw new CliError(
    `"${given}" may be any of ${meant.length} breakers:\n${[...names, ...more].join('\n')}`,
    'give more of the name, or all of it',
  );
}

async function unknownName(client: AdminClient, given: string): Promise<CliError> {
  const { nearestName } = await import('../policy/nearest-name.ts');
  const all = await listBreakers(client);
  if (all.length === 0) {
    return new CliError(
      `there is no breaker "${given}": the process has none yet`,
      'breakers are made by the first call of each method',
    );
  }
  const names = new Map<string, string>();
  for (const { name } of all) {
    // People leave the target out: the parts behind it are what they mistype.
    for (const part of [name, shortName(name), name.slice(name.lastIndexOf('/') + 1)]) names.set(part, name);
  }
  const nearest = nearestName(given, [...names.keys()]);
  const hint = nearest === undefined ? undefined : `did you mean ${names.get(nearest)}?`;
  return new CliError(`there is no breaker "${given}"`, hint ?? 'grpc-breaker list shows the names');
}

/** A name without its target: what stands behind the first `/`, and the whole where there is none. */
export function shortName(name: string): string {
  const slash = name.indexOf('/');
  return slash < 0 ? name : name.slice(slash + 1);
}
