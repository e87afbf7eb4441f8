import type { ConfigProblem } from '../core/errors.ts';
import type { NeededNames } from './anything.ts';
import type { CheckedPolicy } from './check-policy.ts';
import { formatNumber } from './formats.ts';
import { plainText } from './plain-text.ts';
import type { Style } from './terminal.ts';

type Paint = (style: Style, text: string) => string;

/** What `check` prints of a policy, for people and for editors: a problem is `file:line:column: path: message`. */
export function checkReport(checked: CheckedPolicy, isVerbose: boolean, paint: Paint): string {
  const { file, problems, notes, methods = [], policies, needs } = checked;
  const lines = problems.map((problem) => `${place(file, problem)} ${paint('red', 'problem:')} ${told(problem)}`);
  for (const note of notes) lines.push(`${place(file, note)} ${paint('cyan', 'note:')} ${told(note)}`);
  const unnamed = unnamedMethods(checked);
  for (const method of unnamed) lines.push(`${file}: ${paint('red', 'problem:')} no policy names ${plainText(method)}`);
  const byDefault = methods.filter(({ by }) => by === 'default');
  if (byDefault.length > 0) {
    const names = byDefault.map(({ method }) => plainText(method)).join(', ');
    lines.push(`${file}: ${paint('cyan', 'note:')} only the policy for every method names ${names}`);
  }
  if (isVerbose)
    for (const { method, policy, by } of methods)
      lines.push(`${file}: ${method}: ${policy ?? 'none'}${by === null ? '' : `, by ${by}`}`);
  const code = needsText(needs);
  if (code !== '') lines.push(`${file}: ${paint('cyan', 'note:')} code has to register ${code}`);
  const count = problems.length + unnamed.length;
  const covered =
    methods.length === 0 ? '' : `, ${formatNumber(methods.length - unnamed.length, 'method')} of ${methods.length} named`;
  const good = `${paint('green', 'good')}, ${policies === 1 ? '1 policy' : `${policies} policies`}${covered}`;
  lines.push(`${file}: ${count === 0 ? good : paint('red', formatNumber(count, 'problem'))}`);
  return lines.join('\n');
}

/** Methods that no policy names. */
export function unnamedMethods({ methods = [] }: CheckedPolicy): string[] {
  return methods.filter(({ policy }) => policy === null).map(({ method }) => method);
}

function place(file: string, { line, column }: ConfigProblem): string {
  if (line === undefined) return `${file}:`;
  return column === undefined ? `${file}:${line}:` : `${file}:${line}:${column}:`;
}

function told({ path, message }: ConfigProblem): string {
  return plainText(path === '' ? message : `${path}: ${message}`);
}

function needsText({ functions, clients, signals, prometheus }: NeededNames): string {
  const part = (what: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`the ${what}${names.length === 1 ? '' : 's'} ${names.map(plainText).join(', ')}`];
  const parts = [...part('function', functions), ...part('client', clients), ...part('signal', signals)];
  return [...parts, ...(prometheus ? ['prometheus()'] : [])].join('; ');
}
