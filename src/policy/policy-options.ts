import type { DocumentClient } from './document-client.ts';
import type { MethodPolicyOptions } from './method-options.ts';
import type { OpenInferenceOptions } from './open-inference.ts';

/** Options that several policies share, under a name in `presets`: those of a method's policy, without the names of methods. */
export interface PresetOptions extends Omit<MethodPolicyOptions, 'name'> {}

/** An entry of `methods` for servers of the Open Inference Protocol: `presets.openInference` as a document has it. */
export interface OpenInferenceEntry extends NoOtherOptions {
  /** Its options, and `preset` for those of the policy's own presets. */
  readonly openInference: OpenInferenceOptions & Pick<MethodPolicyOptions, 'preset'>;
}

type NoOtherOptions = { readonly [Option in keyof MethodPolicyOptions]?: never };

/** A policy: the same in code and, with functions by their registered names, as a YAML or JSON document. */
export interface Policy {
  /** The address of the JSON Schema, for editors. Nothing reads it. @default none */
  $schema?: string;
  /**
   * `.proto` files and descriptor sets that messages of fallbacks are checked against, relative to the document. Needs `@grpc/proto-loader`.
   * @default none: services are registered in code
   */
  protos?: readonly string[];
  /** At most so many breakers, besides an `_OTHER` for each entry of `methods` that the keys beyond share. @default 10000 */
  maxBreakers?: number;
  /** Options that several policies share, by name. A policy takes them with `preset`. @default none */
  presets?: Readonly<Record<string, PresetOptions>>;
  /** Clients of fallback calls, by name. Those that code registers come besides. @default none */
  clients?: Readonly<Record<string, DocumentClient>>;
  /** Policies by method. @default one for every method, with the defaults */
  methods?: readonly (MethodPolicyOptions | OpenInferenceEntry)[];
}
