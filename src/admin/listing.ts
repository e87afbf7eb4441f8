import type { Clock } from '../core/clock.ts';
import type { State } from '../core/state.ts';
import type { Administered } from '../policy/administered.ts';
import { invalidField } from './admin-error.ts';
import { breakerMessage } from './breaker-message.ts';
import type { Encode } from './definitions.ts';
import { stateOf } from './enums.ts';
import { inSlices } from './slices.ts';

const DEFAULT_PAGE = 100;
const LONGEST_PAGE = 500;

/** What needs attention first. */
const RANKS: Readonly<Record<State, number>> = { open: 0, halfOpen: 1, closed: 2 };

/** ListRequest, as read from the wire. */
export interface ListRequest {
  readonly page_size: number;
  readonly page_token: string;
  readonly name_contains: string;
  readonly states: readonly number[];
}

/** Where a breaker stands in the list. */
interface Place {
  readonly rank: number;
  readonly name: string;
}

/**
 * A page of breakers, as a ListResponse on the wire. Only those of the page are looked at closely.
 * @throws AdminError INVALID_ARGUMENT for a page size, a token or a state that is none
 */
export async function listPage(
  request: ListRequest,
  { breakers, encodeList, clock }: { breakers: Administered; encodeList: Encode; clock: Clock },
): Promise<Buffer> {
  const { page_size: asked, page_token: token } = request;
  if (asked < 0) throw invalidField('page_size', `is ${asked}; expected at least 0`);
  const size = Math.min(asked === 0 ? DEFAULT_PAGE : asked, LONGEST_PAGE);
  const after = token === '' ? undefined : readToken(token);
  const wanted = new Set(request.states.map(readState));
  const part = request.name_contains.toLowerCase();
  const page = new FirstPlaces(size, after);
  let total = 0;
  await inSlices(breakers.list(), clock, ({ name, state }) => {
    if ((wanted.size > 0 && !wanted.has(state)) || !name.toLowerCase().includes(part)) return;
    total++;
    page.offer({ rank: RANKS[state], name });
  });
  const pieces: Buffer[] = [];
  await inSlices(page.places, clock, ({ name }) => {
    const info = breakers.describe([name]).find(({ snapshot }) => snapshot.name === name);
    if (info !== undefined) pieces.push(encodeList({ breakers: [breakerMessage(info)] }));
  });
  const last = page.places.at(-1);
  const next = last === undefined || !page.hasMore ? '' : tokenOf(last);
  return Buffer.concat([...pieces, encodeList({ next_page_token: next, total_size: total })]);
}

/** The first so many places behind one, in order. Sorting all of them would hold up the process's calls. */
class FirstPlaces {
  readonly places: Place[] = [];
  readonly #size: number;
  readonly #after: Place | undefined;
  /** There are more behind them. */
  hasMore = false;

  constructor(size: number, after: Place | undefined) {
    this.#size = size;
    this.#after = after;
  }

  /** Takes a place in where it is one of the first. */
  offer(place: Place): void {
    const { places } = this;
    if (this.#after !== undefined && inOrder(place, this.#after) <= 0) return;
    const last = places.at(-1);
    if (places.length === this.#size && last !== undefined && inOrder(place, last) > 0) {
      this.hasMore = true;
      return;
    }
    let low = 0;
    let high = places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (inOrder(places[middle] as Place, place) < 0) low = middle + 1;
      else high = middle;
    }
    places.splice(low, 0, place);
    if (places.length <= this.#size) return;
    places.pop();
    this.hasMore = true;
  }
}

function inOrder(one: Place, other: Place): number {
  if (one.rank !== other.rank) return one.rank - other.rank;
  if (one.name === other.name) return 0;
  return one.name < other.name ? -1 : 1;
}

function readState(number: number): State {
  const state = stateOf(number);
  if (state === undefined) throw invalidField('states', `has ${number}; expected STATE_CLOSED, STATE_OPEN or STATE_HALF_OPEN`);
  return state;
}

function tokenOf({ rank, name }: Place): string {
  return Buffer.from(JSON.stringify([rank, name])).toString('base64url');
}

function readToken(token: string): Place {
  try {
    const [rank, name] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [unknown, unknown];
    if (typeof rank === 'number' && typeof name === 'string') return { rank, name };
  } catch {
    // Not one of ours, as below.
  }
  throw invalidField('page_token', 'is not one of this service; expected next_page_token of the page before');
}
