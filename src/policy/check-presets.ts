import { type Expansion, presetNames } from './expand-methods.ts';
import { nearestName } from './nearest-name.ts';
import type { PathProblem } from './paths.ts';

/** Names of presets that are not there, and presets that take themselves. */
export function checkPresets(policy: unknown, expansion: Expansion): PathProblem[] {
  const { presets, methods } = Object(policy) as { readonly presets?: unknown; readonly methods?: unknown };
  const known = expansion.names();
  const problems: PathProblem[] = [];
  const look = (options: unknown, path: readonly PropertyKey[]) => {
    const { preset } = Object(options) as { readonly preset?: unknown };
    presetNames(preset).forEach((name) => {
      const place = Array.isArray(preset) ? [preset.indexOf(name)] : [];
      if (!known.includes(name)) problems.push({ path: [...path, 'preset', ...place], message: unknown(name, known) });
      const round = path[0] === 'presets' ? roundTrip(String(path[1]), name, expansion) : undefined;
      if (round !== undefined) {
        const message = `goes round in a circle: ${round.join(', which takes ')}; remove one of them`;
        problems.push({ path: [...path, 'preset', ...place], message });
      }
    });
  };
  for (const name of known) look((presets as Record<string, unknown>)[name], ['presets', name]);
  (Array.isArray(methods) ? methods : []).forEach((method: unknown, index) => {
    look(method, ['methods', index]);
    const path = ['methods', index, 'openInference'];
    look((Object(method) as { openInference?: unknown }).openInference, path);
    problems.push(...strayOptions(expansion, index, path));
  });
  return problems;
}

/** Options of presets that the built-in preset has itself. */
function strayOptions(expansion: Expansion, index: number, path: readonly PropertyKey[]): PathProblem[] {
  return expansion.brought(index).flatMap(([option, [, preset]]) => {
    if (!['key', 'classify', 'failureWhen'].includes(option)) return [];
    const message = `brings ${option} of the preset ${String(preset)}, and openInference has its own; take a preset without it`;
    return [{ path: [...path, 'preset'], message }];
  });
}

function unknown(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const there = known.length === 0 ? 'the policy has no presets' : `there are ${known.join(', ')}`;
  return `names the preset "${name}", which is not there; ${nearest === undefined ? there : `did you mean "${nearest}"?`}`;
}

/** The way from a preset, by way of one that it takes, back to itself. */
function roundTrip(from: string, first: string, expansion: Expansion): string[] | undefined {
  const ways: string[][] = [[from, first]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const last = way.at(-1) as string;
    if (last === from) return way;
    if (seen.has(last)) continue;
    seen.add(last);
    for (const next of expansion.takenBy(last)) ways.push([...way, next]);
  }
  return undefined;
}
