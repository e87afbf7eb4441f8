import { classifyInference, reportsInferenceFailure } from './open-inference.ts';
import type { NamedFunctions } from './registered.ts';

/** Functions that every document may name without registering them: those of the built-in presets. */
export const BUILT_IN_FUNCTIONS: NamedFunctions = {
  'openInference.classify': classifyInference,
  'openInference.reportsFailure': reportsInferenceFailure,
};
