import { parseDocument } from 'yaml';
import { ConfigError } from '../core/errors.ts';
import { type Policy, parsePolicy } from './policy.ts';

/**
 * Reads a policy from text that came from elsewhere than the machine, and checks it whole. Nothing of the environment is put into it: whoever sends
 * a document could else read there what it is not meant to know.
 * @param text - YAML or JSON
 * @param what - what it is called in errors
 * @throws ConfigError with every problem in it
 */
export function policyFromText(text: string, what: string): Policy {
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
  return policy as Policy;
}
