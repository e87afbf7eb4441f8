import { type Document, isPair, isScalar, isSeq, type Scalar, visit } from 'yaml';
import { type Environment, substitute } from './environment.ts';
import { formatPath } from './paths.ts';

/** What is wrong with a value of a document, before anybody knows what it is for. */
export interface ScalarProblem {
  readonly node: Scalar;
  readonly path: string;
  readonly message: string;
}

/** What was done to the values of a document. */
export interface FilledIn {
  readonly problems: readonly ScalarProblem[];
  /** The environment variables that stand in a value. */
  readonly names: ReadonlyMap<unknown, readonly string[]>;
}

/**
 * Replaces references to environment variables in the values of a document, never in its keys or its structure. A plain value is then read again as
 * YAML has it, a number for instance; one in quotes stays a text. JSON has quotes only: there a text that is one reference is read again.
 */
export function fillIn(document: Document, env: Environment | undefined, isJson: boolean): FilledIn {
  const problems: ScalarProblem[] = [];
  const names = new Map<unknown, readonly string[]>();
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === 'key') return;
      const tell = (message: string) => void problems.push({ node, path: pathOf([...ancestors, node]), message });
      if (isInexact(node)) tell(inexact(node));
      if (typeof node.value !== 'string' || !node.value.includes('$')) return;
      const result = substitute(node.value, env);
      if (result.names.length > 0) names.set(node, result.names);
      result.problems.forEach(tell);
      const isTypedAgain = node.tag === undefined && (isJson ? result.isWhole : node.type === 'PLAIN' && result.names.length > 0);
      node.value = isTypedAgain ? typed(document, result.text) : result.text;
    },
  });
  return { problems, names };
}

/** The path to the last of these, which are within each other. */
function pathOf(nodes: readonly unknown[]): string {
  const parts = nodes.flatMap((node, index): PropertyKey[] => {
    if (isPair(node)) return [isScalar(node.key) ? String(node.key.value) : ''];
    return isSeq(node) ? [node.items.indexOf(nodes[index + 1])] : [];
  });
  return formatPath(parts);
}

/** A plain text as YAML reads it. */
function typed(document: Document, text: string): unknown {
  const tag = document.schema.tags.find(
    (candidate) => candidate.default === true && 'test' in candidate && candidate.test?.test(text),
  );
  if (tag === undefined || tag.collection !== undefined) return text;
  const value: unknown = tag.resolve(text, () => undefined, document.options);
  return isScalar(value) ? value.value : value;
}

/** A whole number that JavaScript rounds. */
function isInexact({ value, source = '' }: Scalar): boolean {
  return (
    typeof value === 'number' &&
    /^[-+]?\d+$/.test(source) &&
    String(value) !== source.replace(/^\+/, '').replace(/^(-?)0+(?=\d)/, '$1')
  );
}

function inexact({ value, source = '' }: Scalar): string {
  return `${source} would be read as ${String(value)}, for it has too many digits; write it as a text: "${source}"`;
}
