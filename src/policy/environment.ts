import { shown } from './expected.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A text with its references replaced, and what is wrong with those that could not be. */
export interface Substituted {
  readonly text: string;
  /** The variables that it names. */
  readonly names: readonly string[];
  /** The text was one reference and nothing else. */
  readonly isWhole: boolean;
  readonly problems: readonly string[];
}

const REFERENCE = /^(?:env:)?([A-Za-z_]\w*)(?::-([^\n]*))?$/;

const EXPECTED = 'expected ${NAME} or ${NAME:-default}, where a name has letters, digits and _; write $${ for the text ${';

/**
 * Replaces references to environment variables, by the rules of OpenTelemetry's declarative configuration
 * (https://opentelemetry.io/docs/specs/otel/configuration/data-model/#environment-variable-substitution): `${NAME}`, `${env:NAME}`, `${NAME:-default}`,
 * and `$$` for a `$`. What is put in is not looked at again. Unlike there, a variable that is not set and has no default is a problem, and so is a
 * reference without its end.
 * @param text - a text of a document
 * @param env - the variables; undefined where references are not allowed
 */
export function substitute(text: string, env: Environment | undefined): Substituted {
  const names: string[] = [];
  const problems: string[] = [];
  const replaced = text.split('$$').map((part) =>
    part.replace(/\$\{([^}]*)(\}?)/g, (reference, content: string, end: string) => {
      const [, name, otherwise] = REFERENCE.exec(content) ?? [];
      if (name === undefined || end === '') {
        problems.push(`${shown(reference)} is no reference to an environment variable; ${EXPECTED}`);
        return reference;
      }
      names.push(name);
      const value = env?.[name];
      if (env === undefined) problems.push(`refers to the environment variable ${name}, which is not read here; write the value`);
      else if (value === undefined && otherwise === undefined) problems.push(notSet(name));
      return value === undefined || (value === '' && otherwise !== undefined) ? (otherwise ?? reference) : value;
    }),
  );
  return { text: replaced.join('$'), names, isWhole: /^\$\{[^}$]*\}$/.test(text) && names.length === 1, problems };
}

function notSet(name: string): string {
  return `the environment variable ${name} is not set, and there is no default; set it, or write \${${name}:-default}`;
}
