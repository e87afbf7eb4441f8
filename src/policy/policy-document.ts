import { Document, visit } from 'yaml';
import { ConfigError, type ConfigProblem } from '../core/errors.ts';
import { BUILT_IN_FUNCTIONS } from './built-in-functions.ts';
import type { FallbackClient } from './fallback-call-options.ts';
import type { Policy } from './policy-options.ts';
import type { NamedFunctions } from './registered.ts';

/** What stands for code in the document form of a policy. */
export interface DocumentNames {
  /** Functions by the names that the document calls them. @default none */
  readonly functions?: NamedFunctions | undefined;
  /** Clients of fallback calls by the names that the document calls them. @default none */
  readonly clients?: Readonly<Record<string, FallbackClient>> | undefined;
  /**
   * What stands for code without a name. Give a text for people where the document is only looked at: `() => '(code)'`.
   * @default the policy is refused: it cannot be read again
   */
  readonly otherwise?: ((code: unknown, path: string) => unknown) | undefined;
}

/**
 * The document form of a policy: plain values that YAML and JSON can carry. Presets, clients, durations and shares stay as they were written, functions
 * and clients of code are called by their names, bytes are base64.
 * Reading it again, see {@link writePolicy}, gives the same policy.
 * @param policy - the policy, from code or from a document
 * @param names - the names of its functions and clients
 * @throws ConfigError for functions and clients without a name, and for values that no document can carry, unless `otherwise` says what stands for them
 */
export function policyDocument(policy: Policy, names: DocumentNames = {}): Policy {
  const problems: ConfigProblem[] = [];
  const document = new Writing(names, problems).value(policy, '');
  if (problems.length > 0) throw new ConfigError('policy', problems);
  return document as Policy;
}

/**
 * Writes a document form as text that `loadPolicy` reads: a `$` in a text is doubled, so that no reference to an environment variable is made.
 * @param document - from {@link policyDocument}
 */
export function writePolicy(document: Policy, format: 'yaml' | 'json'): string {
  const escaped = escapeDollars(document, format === 'json');
  if (format === 'json') return `${JSON.stringify(escaped, undefined, 2)}\n`;
  const written = new Document(escaped, { aliasDuplicateObjects: false });
  visit(written, {
    // Unquoted it would be a merge key.
    Scalar: (key, node) => void (key === 'key' && node.value === '<<' && (node.type = 'QUOTE_DOUBLE')),
  });
  return written.toString({ lineWidth: 0, doubleQuotedAsJSON: true });
}

/** Numbers that JSON does not have are texts, as in the JSON form of protocol buffers. */
function escapeDollars(value: unknown, isJson: boolean): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (typeof value === 'number') return isJson && !Number.isFinite(value) ? String(value) : value;
  if (Array.isArray(value)) return value.map((item) => escapeDollars(item, isJson));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escapeDollars(inner, isJson)]));
}

/** Where a policy in code may have a client. Messages may look alike. */
const CLIENT = /^(methods\[\d+\](\.openInference)?|presets\.[\w-]+)\.(fallback|streamFallback)\.sources\[\d+\]\.call\.client$/;

class Writing {
  readonly #names: DocumentNames;
  readonly #functions: ReadonlyMap<unknown, string>;
  readonly #clients: ReadonlyMap<unknown, string>;
  readonly #problems: ConfigProblem[];

  constructor(names: DocumentNames, problems: ConfigProblem[]) {
    this.#names = names;
    this.#problems = problems;
    const functions = { ...BUILT_IN_FUNCTIONS, ...names.functions };
    this.#functions = new Map(Object.entries(functions).map(([name, code]) => [code, name]));
    this.#clients = new Map(Object.entries(names.clients ?? {}).map(([name, client]) => [client, name]));
  }

  value(value: unknown, path: string): unknown {
    if (typeof value === 'function') return this.#functions.get(value) ?? this.#nameless(value, path, 'function');
    if (typeof value === 'bigint') return String(value);
    if (typeof value === 'symbol') return this.#nameless(value, path, 'symbol');
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    if (Array.isArray(value)) return value.map((item, index) => this.value(item, `${path}[${index}]`) ?? null);
    if (CLIENT.test(path)) return this.#clients.get(value) ?? this.#nameless(value, path, 'client');
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return Object.fromEntries(entries.map(([key, inner]) => [key, this.value(inner, path === '' ? key : `${path}.${key}`)]));
  }

  #nameless(code: unknown, path: string, what: 'function' | 'client' | 'symbol'): unknown {
    if (this.#names.otherwise !== undefined) return this.#names.otherwise(code, path);
    const message =
      what === 'symbol'
        ? 'is a symbol, which no document can carry'
        : `is a ${what} that is registered under no name, so that a document could not call it; register it: createBreakers(policy, { ${what}s: { name: ... } })`;
    this.#problems.push({ path, message });
    return undefined;
  }
}
