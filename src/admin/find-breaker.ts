import type { Breaker } from '../core/breaker.ts';
import type { Administered } from '../policy/administered.ts';
import { nearestName } from '../policy/nearest-name.ts';
import { AdminError, invalidField } from './admin-error.ts';
import { plainText } from './plain-text.ts';

/** Comparing takes time of the process's: among more names than these, the nearest is looked for in some of them. */
const MOST_COMPARED = 500;

/** Longer names are told no nearest one. */
const LONGEST_COMPARED = 300;

/**
 * A breaker by its name.
 * @throws AdminError INVALID_ARGUMENT for no name, NOT_FOUND with the nearest one
 */
export function findBreaker(breakers: Administered, name: string): Breaker {
  if (name === '') throw invalidField('name', 'is missing; expected the name of a breaker, as List tells it');
  const found = breakers.get(name);
  if (found !== undefined) return found;
  const nearest = nearestTo(name, breakers);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  const shown = plainText(name, LONGEST_COMPARED);
  throw new AdminError('NOT_FOUND', 'BREAKER_NOT_FOUND', `there is no breaker "${shown}"${hint}`, {
    info: { name: shown, ...(nearest === undefined ? {} : { nearest }) },
  });
}

/** A name that contains what was asked for, or one that differs little. */
function nearestTo(name: string, breakers: Administered): string | undefined {
  if (name.length > LONGEST_COMPARED) return undefined;
  const names = breakers.list().map((breaker) => breaker.name);
  const containing = names.find((known) => known.includes(name));
  if (containing !== undefined) return containing;
  const furthest = Math.max(2, Math.floor(name.length / 3));
  const near = names.filter((known) => Math.abs(known.length - name.length) <= furthest).slice(0, MOST_COMPARED);
  return nearestName(name, near);
}
