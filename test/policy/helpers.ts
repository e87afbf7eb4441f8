import { isConfigError } from '../../src/core/errors.ts';

/** The problems that something is refused with, a line each: `path: message`. */
export function problemsOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    if (!isConfigError(error)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  throw new Error('was not refused');
}
