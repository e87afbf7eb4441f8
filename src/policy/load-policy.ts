import { readFileSync } from 'node:fs';
import { ConfigError } from '../core/errors.ts';
import type { Environment } from './environment.ts';
import type { Policy } from './policy-options.ts';
import { readPolicy } from './read-policy.ts';

/** How a policy is read from a file. */
export interface LoadOptions {
  /** What `${NAME}` in the values of the document stands for. @default process.env */
  readonly env?: Environment;
}

/**
 * Reads a policy from a YAML or JSON file and checks it whole. References to environment variables in its values, such as `${DEADLINE:-20ms}`, are
 * replaced.
 * @param file - path of the file; what ends in `.json` has to be JSON
 * @param options - where environment variables come from
 * @throws ConfigError with every problem and its line: the file cannot be read, is not YAML or JSON, or is not a policy
 */
export function loadPolicy(file: string, { env = process.env }: LoadOptions = {}): Policy {
  const what = `policy ${file}`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(what, [{ path: '', message: `cannot be read: ${(error as Error).message}` }]);
  }
  return readPolicy(text, { what, file, isJson: file.endsWith('.json'), env });
}
