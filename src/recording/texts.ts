const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const DATE = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'UTC' });
const TIME = new Intl.DateTimeFormat('sv-SE', { timeStyle: 'medium', timeZone: 'UTC' });

/** A number with its thousands apart. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** Such as `2026-11-21 12:39:48`, of milliseconds since 1970, UTC. */
export function dateAndTime(ms: number): string {
  return DATE.format(ms);
}

/** The time in a recording of this length: with its date where it is longer than a day, with its milliseconds where it is short. */
export function timeOfDay(ms: number, lengthMs: number): string {
  if (lengthMs > 24 * HOUR) return DATE.format(ms);
  const fraction = lengthMs <= HOUR ? `.${String(Math.floor(ms % SECOND)).padStart(3, '0')}` : '';
  return TIME.format(ms) + fraction;
}

/** A stretch of time for people: `340 ms`, `12.5 s`, `4 min 10 s`, `3 h 20 min`. */
export function span(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${Math.round(ms / 100) / 10} s`;
  if (ms < HOUR) return two(ms, MINUTE, 'min', SECOND, 's');
  return two(ms, HOUR, 'h', MINUTE, 'min');
}

function two(ms: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const smalls = Math.round(ms / small);
  const larges = Math.floor((smalls * small) / large);
  const rest = smalls - (larges * large) / small;
  return rest === 0 ? `${larges} ${largeUnit}` : `${larges} ${largeUnit} ${rest} ${smallUnit}`;
}

/** Without what could steer a terminal: recordings come from elsewhere. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');
}

/** At most so many characters; the beginning or the end is left out. */
export function shortened(text: string, width: number, cut: 'start' | 'end'): string {
  const whole = plain(text);
  if (whole.length <= width) return whole;
  return cut === 'start' ? `…${whole.slice(whole.length - width + 1)}` : `${whole.slice(0, width - 1)}…`;
}

/** As HTML and SVG have it. */
export function escapeMarkup(text: string): string {
  return plain(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
