import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { ConfigError } from '../core/errors.ts';
import { type Policy, parsePolicy } from './policy.ts';
import { rememberOrigin } from './policy-origin.ts';

/**
 * Reads a policy from a YAML or JSON file and checks it whole.
 * @param file - path of the file
 * @throws ConfigError with every problem: the file cannot be read, is not YAML or JSON, or is not a policy
 */
export function loadPolicy(file: string): Policy {
  const what = `policy ${file}`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(what, [{ path: '', message: `cannot be read: ${(error as Error).message}` }]);
  }
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0) {
    throw new ConfigError(
      what,
      document.errors.map((error) => ({ path: '', message: error.message.trim() })),
    );
  }
  let policy: unknown;
  try {
    policy = document.toJS();
  } catch (error) {
    // An alias without its anchor, or too many of them.
    throw new ConfigError(what, [{ path: '', message: (error as Error).message }]);
  }
  if (policy === null) throw new ConfigError(what, [{ path: '', message: 'is empty; expected at least "methods:"' }]);
  parsePolicy(policy, what);
  rememberOrigin(policy as Policy, what, file);
  return policy as Policy;
}
