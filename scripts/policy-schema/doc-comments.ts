import { readdirSync, readFileSync } from 'node:fs';

/** What a doc comment says of an option. */
export interface OptionComment {
  readonly text: string;
  /** What stands behind `@default`. */
  readonly fallback: string | undefined;
}

/** An interface of the sources: its own comment, and those of its options. */
export interface InterfaceComments {
  readonly text: string;
  readonly options: ReadonlyMap<string, OptionComment>;
}

const INTERFACE = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport interface (\w+)(?: extends ([^{]+))? \{(?:\}|\n([\s\S]*?)\n\})\n/g;
const OPTION = /^ {2}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}(?:readonly )?([\w$]+)\??:/gm;

/** The doc comments of the options in a folder, by the names of their interfaces. */
export function docComments(folder: string): ReadonlyMap<string, InterfaceComments> {
  const found = new Map<string, { text: string; bases: string[]; options: Map<string, OptionComment> }>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts'))) {
    for (const [, comment = '', name = '', bases = '', body = ''] of readFileSync(`${folder}/${file}`, 'utf8').matchAll(
      INTERFACE,
    )) {
      const options = Array.from(
        body.concat('\n').matchAll(OPTION),
        ([, text = '', option = '']) => [option, read(text)] as const,
      );
      const names = Array.from(bases.matchAll(/[A-Z]\w+/g), ([base]) => base);
      found.set(name, { text: read(comment).text, bases: names, options: new Map(options) });
    }
  }
  const all = (name: string): Map<string, OptionComment> => {
    const { bases = [], options = [] } = found.get(name) ?? {};
    return new Map([...bases.flatMap((base) => [...all(base)]), ...options]);
  };
  return new Map(Array.from(found, ([name, { text }]) => [name, { text, options: all(name) }]));
}

function read(comment: string): OptionComment {
  const plain = comment
    .replace(/^\s*\* ?/gm, '')
    .replace(/\{@link (\w+)\}/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
  const [text = '', fallback] = plain.split(/\s*@default\s+/);
  return { text: text.trim(), fallback: fallback?.trim() };
}
