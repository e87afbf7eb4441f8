import { Lexer } from 'yaml';

// Reading a document holds the process up, and takes time by the square of some of its numbers. Policies of people are far below all of these.
/** Within each other. */
const DEEPEST = 64;
/** Options of one object. */
const MOST_OPTIONS = 1_000;
/** Words and signs. */
const MOST_TOKENS = 100_000;
/** Anchors and aliases, times tokens: each looks through the document. */
const MOST_LOOKED_THROUGH = 1_500_000;

/** The token that says that the next one is a text. */
const SCALAR = '\u001f';

/**
 * What makes a document too costly to read; undefined for nothing. The text is only cut into words for that, which takes a time that grows with
 * its length, and stops at the first thing that is too much.
 */
export function tooCostly(text: string): string | undefined {
  const scan = new Scan();
  let isText = false;
  for (const token of new Lexer().lex(text)) {
    const problem = isText ? scan.skip(token) : scan.take(token);
    if (problem !== undefined) return problem;
    isText = !isText && token === SCALAR;
  }
  return undefined;
}

/** Counts what stands in a document, without what it means. */
class Scan {
  #tokens = 0;
  #references = 0;
  /** For each bracket that is open the number of its commas and colons. */
  readonly #brackets: number[] = [];
  /** Options by the column of their names: those of objects that are not over yet. */
  readonly #options = new Map<number, number>();
  #column = 0;
  /** Where the first word of the line stands, behind its dashes. */
  #indent: number | undefined;
  #dashes = 0;
  /** The most of an object so far. */
  #most = 0;

  /** A text. */
  skip(token: string): string | undefined {
    this.#indent ??= this.#column;
    this.#column += token.length;
    return ++this.#tokens > MOST_TOKENS ? `has more than ${MOST_TOKENS} words and signs` : undefined;
  }

  /** A sign, a space, a quoted text, a comment. */
  take(token: string): string | undefined {
    const [sign = ''] = token;
    if (sign === '\n' || sign === '\r') this.#newLine();
    else if (sign === '[' || sign === '{') this.#brackets.push(0);
    else if (sign === ']' || sign === '}') this.#brackets.pop();
    else if (sign === '*' || sign === '&') this.#references++;
    else if (this.#brackets.length > 0 && (sign === ',' || sign === ':')) this.#brackets.push((this.#brackets.pop() ?? 0) + 1);
    else if (token === '-' || token === '?') this.#listed();
    if (this.#brackets.length === 0 && (token === ':' || token === '?')) this.#option();
    if (sign.trim() !== '' && token !== SCALAR && token !== '-' && token !== '?') this.#indent ??= this.#column;
    if (token === '\u0002' || token === SCALAR || token === '\u0018') return undefined;
    const problem = this.#problem();
    this.#column = sign === '\n' || sign === '\r' ? 0 : this.#column + token.length;
    this.#tokens++;
    return problem;
  }

  #newLine(): void {
    this.#indent = undefined;
    this.#dashes = 0;
  }

  /** What stood further right belongs to the item before. */
  #listed(): void {
    this.#dashes++;
    for (const column of this.#options.keys()) if (column > this.#column) this.#options.delete(column);
  }

  #option(): void {
    const at = this.#indent ?? this.#column;
    for (const column of this.#options.keys()) if (column > at) this.#options.delete(column);
    this.#options.set(at, (this.#options.get(at) ?? 0) + 1);
    this.#most = Math.max(this.#most, this.#options.get(at) ?? 0);
  }

  #problem(): string | undefined {
    if (this.#brackets.length > DEEPEST || this.#dashes > DEEPEST)
      return `has more than ${DEEPEST} brackets or lists within each other`;
    if (this.#most > MOST_OPTIONS || (this.#brackets.at(-1) ?? 0) > 2 * MOST_OPTIONS) {
      return `has an object or a list in brackets with more than ${MOST_OPTIONS} entries`;
    }
    if (this.#references * this.#tokens > MOST_LOOKED_THROUGH)
      return 'has too many anchors (&name) and aliases (*name) for its length';
    return this.#tokens > MOST_TOKENS ? `has more than ${MOST_TOKENS} words and signs` : undefined;
  }
}
