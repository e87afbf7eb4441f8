import { type Document, isAlias, isMap, isScalar, isSeq, visit, type YAMLError } from 'yaml';
import type { ConfigProblem } from '../core/errors.ts';
import { lastOpen } from './opener.ts';
import { isMergeKey, type Positions } from './positions.ts';

const INDENT = 'is not indented as the lines around it are; give what belongs together the same number of spaces in front';

/** What the codes of the YAML library mean, for people. */
const WORDS: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'an alias (*name) cannot have an anchor or a tag of its own; remove it',
  BAD_ALIAS: 'has an alias (*) or an anchor (&) without a name; give it one, or put the text in quotes',
  BAD_COLLECTION_TYPE: 'has a tag (!name) that policies do not know; remove it',
  BAD_INDENT: INDENT,
  BLOCK_AS_IMPLICIT_KEY:
    'has a second ": " in one line; put the inner option on a line of its own, or a text with a colon in quotes',
  BLOCK_IN_FLOW: 'mixes lines with { } or [ ]; write the inner options in { } or [ ], too',
  DUPLICATE_KEY: 'stands a second time here; each option may stand once: remove one of them',
  MULTILINE_IMPLICIT_KEY: 'is no option with a value; expected a name, a colon and a space, such as "deadline: 20ms"',
  MULTIPLE_ANCHORS: 'has two anchors (&name); remove one of them',
  MULTIPLE_DOCS: 'begins a second document (---); a policy is one document',
  MULTIPLE_TAGS: 'has two tags (!name); remove both',
  TAB_AS_INDENT: 'is indented with a tab; YAML wants spaces',
  BAD_DIRECTIVE: 'is a directive (%) that is not known; remove it',
  RESOURCE_EXHAUSTION: 'is nested too deeply for a policy',
};

/** What is wrong with the syntax of a document: of errors that follow from each other the first, in plain words. */
export function syntaxProblems(document: Document, text: string, positions: Positions): ConfigProblem[] {
  const isOnItsOwn = ({ code }: YAMLError) => code === 'DUPLICATE_KEY' || code === 'TAG_RESOLVE_FAILED';
  const all: YAMLError[] = [...document.errors, ...document.warnings];
  const first = all.find((error) => !isOnItsOwn(error));
  const until = first?.pos[0] ?? Infinity;
  const told = all.filter((error) => error === first || (isOnItsOwn(error) && error.pos[0] < until));
  const problems = told.map((error) => ({
    path: '',
    message: inWords(error, text),
    ...positions.ofOffset(startOf(error, text)),
  }));
  return problems.length > 0 ? problems : aliasProblems(document, positions);
}

/** Errors at the end of a text point behind its last line. */
function startOf({ pos }: YAMLError, text: string): number {
  return Math.min(pos[0] + (/^\s*/.exec(text.slice(pos[0], pos[0] + 200))?.[0].length ?? 0), text.trimEnd().length);
}

function inWords(error: YAMLError, text: string): string {
  const { code, message, pos } = error;
  const line = lineAt(text, pos[0]);
  const bare = /[[{][^"'\n]*\$\{/.test(line) && /[[{,:]\s*[^"'\s]*\$\{[^}"']*\}/.test(line);
  if (bare && code !== 'DUPLICATE_KEY')
    return 'has a reference to the environment within { } or [ ], where it needs quotes: "${NAME}"';
  const end = /must be sufficiently indented and end with a (.)|must end with a (.)|Missing closing (.)quote/.exec(message);
  if (end !== null) {
    const missing = end[1] ?? end[2] ?? end[3];
    const open = lastOpen(text.slice(0, pos[0]));
    return open === undefined
      ? `something that was opened before has no end; a ${missing} is missing`
      : `the ${open.what} of line ${open.line} has no end; a ${missing} is missing`;
  }
  if (/Missing , or :/.test(message)) return 'does not belong here; a comma may be missing before it';
  if (/Sequence item without -/.test(message)) return INDENT;
  if (/need to be followed by map values/.test(message))
    return 'has no value; expected a colon and a space behind the name, such as "deadline: 20ms"';
  const reserved = /cannot start with (?:reserved character|directive indicator character) (.)/.exec(message);
  if (reserved !== null) return `begins with ${reserved[1]}, which YAML keeps for itself; put the text in quotes`;
  if (/Invalid escape/.test(message))
    return `has an escape (${/\\.*/.exec(message)?.[0] ?? 'with \\'}) that is not known; write \\\\ for a backslash, or use single quotes`;
  if (/Comments must be separated/.test(message))
    return 'has a # without a space before it, so that it is no comment; put one there, or the text in quotes';
  if (/Missing space after :/.test(message)) return 'has a colon without a space behind it; put one there, or the text in quotes';
  if (code === 'DUPLICATE_KEY') return `${/^[^:\n]*/.exec(text.slice(pos[0]))?.[0] ?? 'it'} ${WORDS['DUPLICATE_KEY']}`;
  if (code === 'TAG_RESOLVE_FAILED')
    return `has the tag ${/!\S*/.exec(message)?.[0] ?? '(!)'}, which policies do not know; remove it`;
  return WORDS[code] ?? 'does not belong here; look at the brackets, quotes and indentation before it';
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end < 0 ? undefined : end);
}

/** Aliases that lead nowhere or into themselves, merge keys of something that has no options, and a name that JavaScript keeps for itself. */
function aliasProblems(document: Document, positions: Positions): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const tell = (node: unknown, message: string) => void problems.push({ path: '', message, ...positions.of(node) });
  visit(document, {
    Alias(_key, node, path) {
      const anchor = node.resolve(document);
      if (anchor === undefined)
        tell(node, `*${node.source} is an alias without an anchor; write &${node.source} before the value that it stands for`);
      else if (path.includes(anchor))
        tell(node, `*${node.source} stands within the value that it stands for, which would never end`);
    },
    Pair(_key, pair) {
      const { key, value } = pair;
      if (isScalar(key) && key.value === '__proto__') tell(key, '__proto__ is no name that an option can have; choose another');
      if (!isMergeKey(pair)) return;
      const merged = isAlias(value) ? value.resolve(document) : value;
      const sources = isSeq(merged) ? merged.items.map((item) => (isAlias(item) ? item.resolve(document) : item)) : [merged];
      if (merged !== undefined && !sources.every((source) => isMap(source)))
        tell(key, '<< takes options from an anchor, such as "<<: *base"; what stands there has no options');
    },
  });
  return problems;
}

/** What is wrong with a text that is to be JSON: YAML allows more. Undefined where it is JSON. */
export function jsonProblem(text: string, positions: Positions): ConfigProblem | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const offset = /at position (\d+)/.exec((error as Error).message)?.[1];
    const at = offset === undefined ? text.trimEnd().length : Number(offset);
    return {
      path: '',
      message: 'is not JSON; look for a comma or a quote that is missing or too many just before',
      ...positions.ofOffset(at),
    };
  }
}
