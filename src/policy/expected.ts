/** A text in a problem is cut here. */
const LONGEST = 60;

/** A message for a schema: what was given, and what was expected in its place. */
export function expected(what: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => (input === undefined ? `is missing; expected ${what}` : `is ${shown(input)}; expected ${what}`);
}

/** A value for people. What is in objects and lists is left out: it may be secret, such as credentials. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
