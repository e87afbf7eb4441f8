import { ConfigError, type ConfigProblem } from '../core/errors.ts';
import { blamed, withoutRepeats } from './blame.ts';
import { checkPresets } from './check-presets.ts';
import { documentSchema, readable } from './document-schema.ts';
import { type ExpandedMethod, Expansion } from './expand-methods.ts';
import { methodSchema, namesSchema, type ParsedMethod } from './method-schema.ts';
import type { ParsedPolicy } from './parsed-policy.ts';
import { formatPath, type Path, type PathProblem } from './paths.ts';
import { issuesOf, problemsOf } from './problems.ts';
import { toParsedPolicy } from './to-parsed-policy.ts';

export type { Classify, EndedStatus, MethodName, MethodPolicyOptions, PolicyTripOptions } from './method-options.ts';
export type { MethodPolicy, ParsedPolicy } from './parsed-policy.ts';
export type { OpenInferenceEntry, Policy, PresetOptions } from './policy-options.ts';

/**
 * Reads and checks a policy.
 * @param policy - the policy
 * @param what - what it is called in errors, such as its file
 * @throws ConfigError with every problem in it
 */
export function parsePolicy(policy: unknown, what = 'policy'): ParsedPolicy {
  const { value, problems } = checkPolicy(policy);
  if (problems.length > 0) throw new ConfigError(what, problems);
  return value;
}

/** A policy as far as it can be read, with every problem in it: methods that have one are left out. */
export function checkPolicy(policy: unknown): { readonly value: ParsedPolicy; readonly problems: readonly ConfigProblem[] } {
  const expansion = new Expansion(policy);
  const single = [...problemsOf(documentSchema, policy), ...checkPresets(policy, expansion)];
  const sick = new Set(single.map(({ path }) => placeOf(path)));
  const together: ConfigProblem[] = [];
  for (const name of expansion.names()) {
    const problems = sick.has(`presets.${name}`) ? [] : contradictions(expansion.preset(name), sick);
    if (problems.length > 0) sick.add(`presets.${name}`);
    together.push(...problems);
  }
  const entries = expansion.entries();
  const parsed: { readonly method: ParsedMethod; readonly path: string }[] = [];
  for (const entry of entries) {
    if (isSick(entry, sick)) continue;
    const { data: method, error } = methodSchema.safeParse(entry.options);
    if (method !== undefined) parsed.push({ method, path: entry.path });
    else together.push(...issuesOf(methodSchema, error, entry.options).map(({ path, message }) => blamed(entry, path, message)));
  }
  const problems = [...single.map(toProblem), ...together, ...repeatedNames(entries)];
  const isEmpty = entries.length === 0 && problems.length === 0;
  const methods = isEmpty ? [{ method: methodSchema.parse({}), path: 'methods[0]' }] : parsed;
  return { value: toParsedPolicy(readable(policy), methods), problems: withoutRepeats(problems) };
}

/** The entry of `methods`, or the preset, that a problem is in. */
function placeOf(path: Path): string {
  return formatPath(path.slice(0, 2));
}

function toProblem({ path, message }: PathProblem): ConfigProblem {
  return { path: formatPath(path), message };
}

/** What is wrong with one of its options is told where it was written. */
function isSick({ path, presets }: ExpandedMethod, sick: ReadonlySet<string>): boolean {
  return (
    sick.has(path.replace('.openInference', '').replace(/\.\w+$/, '')) ||
    Array.from(presets).some((name) => sick.has(`presets.${name}`))
  );
}

/** Options that only a policy which has the other one, too, can say of that they contradict it. */
const COMPARED_WITH_DEFAULTS: Readonly<Record<string, string>> = { backoff: 'openFor', fallback: 'failureCodes' };

/** What options of a preset contradict each other, whoever takes it. */
function contradictions(preset: ExpandedMethod, sick: ReadonlySet<string>): ConfigProblem[] {
  if (isSick(preset, sick)) return [];
  const { byVersion: _, streamFallback: __, ...options } = preset.options;
  const { error } = methodSchema.safeParse(options);
  if (error === undefined) return [];
  return issuesOf(methodSchema, error, options)
    .filter(({ path }) => {
      const other = COMPARED_WITH_DEFAULTS[String(path[0])];
      return other === undefined || other in options;
    })
    .map(({ path, message }) => blamed(preset, path, message));
}

/** Names that stand more than once, also in methods that cannot be read for another reason. */
function repeatedNames(entries: readonly ExpandedMethod[]): ConfigProblem[] {
  const seen = new Map<string, string>();
  const told = new Set<string>();
  return entries.flatMap((entry) => {
    const names = namesSchema.safeParse(entry.options['name'] ?? [{}]).data ?? [];
    return names.flatMap((name, index) => {
      const path = `${name.service ?? ''}/${name.method ?? ''}`;
      const isBuiltIn = entry.path.includes('.openInference');
      const here = isBuiltIn ? entry.path.replace(/openInference.*/, 'openInference') : `${entry.path}.name[${index}]`;
      const before = seen.get(path);
      seen.set(path, here);
      // All methods of a built-in preset stand at one place.
      if (before === undefined || told.has(`${here} ${before}`)) return [];
      if (isBuiltIn) told.add(`${here} ${before}`);
      const what = path === '/' ? 'every method' : path;
      return [{ path: here, message: `names ${what} again, which ${before} did; each name may stand once` }];
    });
  });
}
