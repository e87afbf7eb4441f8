const BRAND = 'grpc-breaker.ConfigError';

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  /** Where: the path in the options or in the policy, such as `methods[0].trip.failureRate.threshold`; empty for the whole. */
  readonly path: string;
  /** What was wrong, what was expected, and what to do. */
  readonly message: string;
  /** The line in the document, from 1 on. Not there for what comes from code, and for what is missing as a whole. */
  readonly line?: number;
  /** The column in that line, from 1 on. */
  readonly column?: number;
}

/**
 * A configuration that was refused whole, with every problem in it. Nothing of it was applied.
 * Recognise it with {@link isConfigError}, which also works across duplicate installs of this package.
 */
export class ConfigError extends Error {
  /** Always `ConfigError`. */
  override readonly name: string = 'ConfigError';
  /** Every problem found, in the order of the document. */
  readonly problems: readonly ConfigProblem[];
  /** Tells it from other errors, also across copies of this package. @internal */
  readonly brand: string = BRAND;

  /**
   * @param what - what was refused, such as `policy breakers.yaml`
   * @param problems - what is wrong with it
   */
  constructor(what: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map(
      ({ path, message, line }) => `\n  ${line === undefined ? '' : `line ${line}: `}${path === '' ? '' : `${path}: `}${message}`,
    );
    super(`${what} was refused, ${problems.length} problem${problems.length === 1 ? '' : 's'}:${lines.join('')}`);
    this.problems = problems;
  }
}

/** Whether an error is a {@link ConfigError}, also one of another copy of this package. */
export function isConfigError(error: unknown): error is ConfigError {
  return typeof error === 'object' && error !== null && (error as { brand?: unknown }).brand === BRAND;
}
