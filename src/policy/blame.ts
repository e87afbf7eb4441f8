import type { ConfigProblem } from '../core/errors.ts';
import type { ExpandedMethod } from './expand-methods.ts';
import { formatPath, type Path, parsePath } from './paths.ts';

/** A problem of an option of a policy, where it was written: in the policy itself, or in a preset that it takes. */
export function blamed(method: ExpandedMethod, path: Path, message: string): ConfigProblem {
  const [option, ...rest] = path;
  const origin = method.origins.get(String(option));
  // The built-in preset has names and keys that nobody wrote.
  const builtIn = /^methods\[\d+\]\.openInference/.exec(method.path)?.[0];
  if (origin === undefined && builtIn !== undefined && ['name', 'key', 'classify', 'failureWhen'].includes(String(option))) {
    return { path: builtIn, message };
  }
  if (origin === undefined) return { path: formatPath([...parsePath(method.path), ...path]), message };
  const written = formatPath([...origin, ...rest]);
  const isElsewhere = origin[0] === 'presets' && !method.path.startsWith('presets.');
  return { path: written, message: isElsewhere ? `${message} (where ${method.path} takes it)` : message };
}

/** Problems that were found later, in policies with their presets filled in, where they were written. */
export function whereWritten(methods: readonly ExpandedMethod[], problems: readonly ConfigProblem[]): ConfigProblem[] {
  return problems.map((problem) => {
    const [method] = methods
      .filter(
        ({ path }) => problem.path === path || (/^[.[]/.test(problem.path.slice(path.length)) && problem.path.startsWith(path)),
      )
      .toSorted((a, b) => b.path.length - a.path.length);
    if (method === undefined) return problem;
    const { path, message } = blamed(method, parsePath(problem.path.slice(method.path.length)), problem.message);
    return { ...problem, path, message };
  });
}

/** Each problem once: two policies of a built-in preset have the same options. */
export function withoutRepeats(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const seen = new Set<string>();
  return problems.filter(({ path, message }) => {
    const key = `${path}\n${message}`;
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}
