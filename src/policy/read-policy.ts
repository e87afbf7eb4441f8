import { type Document, LineCounter, parseDocument } from 'yaml';
import { ConfigError, type ConfigProblem } from '../core/errors.ts';
import type { Environment } from './environment.ts';
import { type FilledIn, fillIn } from './fill-in.ts';
import { parsePath } from './paths.ts';
import { checkPolicy } from './policy.ts';
import type { Policy } from './policy-options.ts';
import { inOrder, rememberOrigin } from './policy-origin.ts';
import { Positions } from './positions.ts';
import { jsonProblem, syntaxProblems } from './syntax-problems.ts';

/** What is known of the text of a policy. */
export interface PolicySource {
  /** What it is called in errors, such as its file. */
  readonly what: string;
  /** The file that it comes from: files that it names are relative to it. */
  readonly file?: string | undefined;
  /** It is JSON, not YAML. @default false, and YAML reads JSON, too */
  readonly isJson?: boolean;
  /** What `${NAME}` stands for. @default nothing: references are refused, so that whoever sends a document can read no variable of this process */
  readonly env?: Environment | undefined;
}

/**
 * Reads a policy from a text and checks it whole.
 * @throws ConfigError with every problem, each with its line
 */
export function readPolicy(text: string, { what, file, isJson = false, env }: PolicySource): Policy {
  const lines = new LineCounter();
  const source = text.replace(/^\uFEFF/, '');
  const document = parseDocument(source, { merge: true, lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const positions = new Positions(document, lines);
  const notJson = isJson && source.trim() !== '' ? jsonProblem(source, positions) : undefined;
  const syntax = notJson === undefined ? syntaxProblems(document, source, positions) : [notJson];
  if (syntax.length > 0) throw new ConfigError(what, syntax);
  const filledIn = fillIn(document, env, isJson);
  const policy = valueOf(document, what);
  if (policy === null) throw new ConfigError(what, [{ path: '', message: 'is empty; expected at least "methods:"' }]);
  const locate = (problem: ConfigProblem): ConfigProblem => ({ ...problem, ...positions.at(parsePath(problem.path)) });
  const own = filledIn.problems.map(({ node, ...problem }) => ({ ...problem, ...positions.of(node) }));
  const problems = inOrder([...own, ...checked(policy, filledIn, positions).map(locate)]);
  if (problems.length > 0) throw new ConfigError(what, problems);
  rememberOrigin(policy as Policy, { what, file, locate });
  return policy as Policy;
}

function valueOf(document: Document, what: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    const isTooMuch = /alias count/.test((error as Error).message);
    const message = isTooMuch
      ? 'has aliases (*name) of aliases that stand for more than a policy can hold; write the values out'
      : `cannot be read: ${(error as Error).message}`;
    throw new ConfigError(what, [{ path: '', message }]);
  }
}

/** What stands in the environment may be a secret: its name is told in place of a text that was found. */
function withoutValue(message: string, names: readonly string[]): string {
  const where = `the value of ${names.join(', ')} in the environment`;
  const text = /^"(?:[^"\\]|\\.)*"|(?<=found )"(?:[^"\\]|\\.)*"/s;
  return text.test(message) ? message.replace(text, where) : `${message} (${where})`;
}

/** What is wrong with its options. What could not be filled in is told as that alone. */
function checked(policy: unknown, { problems, names }: FilledIn, positions: Positions): ConfigProblem[] {
  const told = new Set(problems.map(({ path }) => path));
  return checkPolicy(policy).problems.flatMap(({ path, message }) => {
    if (told.has(path)) return [];
    const from = names.get(positions.nodeAt(parsePath(path)));
    return [{ path, message: from === undefined ? message : withoutValue(message, from) }];
  });
}
