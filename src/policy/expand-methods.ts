import type { OpenInferenceOptions } from './open-inference.ts';
import { openInference } from './open-inference.ts';
import type { Path } from './paths.ts';

/** The options of one policy with those of its presets, none of them checked. */
export interface ExpandedMethod {
  /** Its place in the document, such as `methods[0]`. */
  readonly path: string;
  /** Its options, none of them `preset`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Where each option was written. */
  readonly origins: ReadonlyMap<string, Path>;
  /** The presets that it is made of. */
  readonly presets: ReadonlySet<string>;
}

type Options = Readonly<Record<string, unknown>>;

/** An option, and where it was written. */
interface Written {
  readonly value: unknown;
  readonly path: Path;
}

/** The options of a preset or of a policy, those of its presets among them. */
interface Brought {
  readonly written: Map<string, Written>;
  readonly presets: ReadonlySet<string>;
}

function isOptions(value: unknown): value is Options {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The names in a `preset` option, as far as they are names. */
export function presetNames(preset: unknown): string[] {
  return (Array.isArray(preset) ? preset : [preset]).filter((name) => typeof name === 'string');
}

/** Fills presets in. Unknown names and cycles are passed over: see check-presets.ts. */
export class Expansion {
  readonly #presets: Options;
  readonly #methods: readonly unknown[];
  /** What presets bring, each worked out once; empty while that is under way, for those that take themselves. */
  readonly #brought = new Map<string, Brought>();

  /** @param policy - as it was given, none of it checked */
  constructor(policy: unknown) {
    const { presets, methods } = Object(policy) as Options;
    this.#presets = isOptions(presets) ? presets : {};
    this.#methods = Array.isArray(methods) ? methods : [];
  }

  /** The policies of an entry of `methods`: one, or those of a built-in preset. */
  entry(index: number): ExpandedMethod[] {
    const given = this.#methods[index];
    const path = `methods[${index}]`;
    if (!isOptions(given)) return [];
    if (!Object.hasOwn(given, 'openInference')) return [this.#expanded(given, path, ['methods', index])];
    const inner = given['openInference'];
    if (!isOptions(inner)) return [];
    const own = this.#expanded(inner, `${path}.openInference`, ['methods', index, 'openInference']);
    return openInferencePolicies(own);
  }

  /** Which options an entry for the built-in preset has from presets of the policy, and where they were written. */
  brought(index: number): [string, Path][] {
    const given = this.#methods[index];
    if (!isOptions(given) || !isOptions(given['openInference'])) return [];
    const { origins } = this.#expanded(given['openInference'], '', []);
    return [...origins].filter(([, path]) => path[0] === 'presets');
  }

  /** Every entry. */
  entries(): ExpandedMethod[] {
    return this.#methods.flatMap((_, index) => this.entry(index));
  }

  /** A preset as if it were a policy of its own. */
  preset(name: string): ExpandedMethod {
    const given = this.#presets[name];
    return this.#expanded(isOptions(given) ? given : {}, `presets.${name}`, ['presets', name]);
  }

  /** The names of all presets. */
  names(): string[] {
    return Object.keys(this.#presets);
  }

  /** The names that a preset takes itself. */
  takenBy(name: string): string[] {
    const given = ownOf(this.#presets, name);
    return isOptions(given) ? presetNames(given['preset']) : [];
  }

  #expanded(given: Options, path: string, at: Path): ExpandedMethod {
    const { written, presets } = this.#written(given, at);
    written.delete('preset');
    const options = Object.fromEntries(Array.from(written, ([option, { value }]) => [option, value]));
    const origins = new Map(Array.from(written, ([option, where]) => [option, where.path]));
    return { path, options, origins, presets };
  }

  /** Own options win over those of presets, and later presets over earlier ones. */
  #written(given: Options, at: Path): Brought {
    const presets = new Set<string>();
    const written = new Map<string, Written>();
    for (const name of presetNames(given['preset'])) {
      const preset = this.#bring(name);
      presets.add(name);
      for (const inner of preset.presets) presets.add(inner);
      for (const [option, where] of preset.written) written.set(option, where);
    }
    for (const [option, value] of Object.entries(given)) {
      if (value !== undefined) written.set(option, { value, path: [...at, option] });
    }
    return { written, presets };
  }

  #bring(name: string): Brought {
    const known = this.#brought.get(name);
    if (known !== undefined) return known;
    this.#brought.set(name, { written: new Map(), presets: new Set() });
    const given = ownOf(this.#presets, name);
    const brought = this.#written(isOptions(given) ? given : {}, ['presets', name]);
    brought.written.delete('preset');
    this.#brought.set(name, brought);
    return brought;
  }
}

function ownOf(options: Options, name: string): unknown {
  return Object.hasOwn(options, name) ? options[name] : undefined;
}

/** The policies of the built-in preset, whose options were written where those of its entry were. */
function openInferencePolicies(own: ExpandedMethod): ExpandedMethod[] {
  return openInference(own.options as OpenInferenceOptions).map((options, place) => {
    const origins = new Map(own.origins);
    const streamed = own.origins.get('streamFallback');
    if (place === 1 && streamed !== undefined) origins.set('fallback', streamed);
    const path = place === 0 ? own.path : `${own.path}.${place === 1 ? 'ModelStreamInfer' : 'others'}`;
    return { path, options: { ...options }, origins, presets: own.presets };
  });
}
