// What wants to be looked at first, and what a state is called.

/** Groups in the order of the list. `quiet` is the rest. */
export const GROUPS = [
  { key: 'open', label: 'Open' },
  { key: 'halfOpen', label: 'Half-open' },
  { key: 'overridden', label: 'By hand' },
  { key: 'partial', label: 'Letting part through' },
  { key: 'near', label: 'Near a limit' },
  { key: 'shadow', label: 'Open in observe' },
  { key: 'quiet', label: 'Quiet' },
];

/** From here on a breaker is near its limit, and until it is below there: it does not go to and fro. */
const NEAR_FROM = 0.7;
const NEAR_UNTIL = 0.55;

/** The group of a row, by its place in GROUPS. */
export function groupOf(row, wasNear) {
  if (row.mode === 'off' && !row.chosen) return 6;
  if (row.override === 'forcedOpen') return 0;
  if (row.state !== 'closed' && row.mode === 'observe') return row.chosen ? 2 : 5;
  if (row.state === 'open') return 0;
  if (row.state === 'halfOpen') return 1;
  if (row.override !== null || row.chosen) return 2;
  if (row.share < 1) return 3;
  return row.near >= (wasNear ? NEAR_UNTIL : NEAR_FROM) ? 4 : 6;
}

/** A state in words, its mark, and its tone (for colours; the mark and the words say the same). */
export function stateOf(row) {
  const shadow = row.mode === 'observe';
  if (row.mode === 'off') return { word: 'off', mark: 'off', tone: row.chosen ? 'hand' : 'muted' };
  if (row.override === 'forcedOpen') return { word: 'forced open', mark: 'open', tone: 'bad' };
  if (row.override === 'forcedClosed') return { word: 'forced closed', mark: 'closed', tone: 'hand' };
  if (row.state === 'open')
    return shadow ? { word: 'would be open', mark: 'shadow', tone: 'muted' } : { word: 'open', mark: 'open', tone: 'bad' };
  if (row.state === 'halfOpen')
    return shadow
      ? { word: 'would be trying', mark: 'shadow', tone: 'muted' }
      : { word: 'half-open', mark: 'half', tone: 'warn' };
  if (row.share < 1) return { word: `closed, ${Math.round(row.share * 100)}%`, mark: 'half', tone: 'warn' };
  return { word: shadow ? 'observing' : 'closed', mark: 'closed', tone: row.chosen ? 'hand' : 'good' };
}
