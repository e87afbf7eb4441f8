/**
 * What a call says about the dependency: `success` (it answered), `failure` (it did not), or `ignored` (the call says
 * nothing about it, for instance because the caller cancelled).
 */
export type Outcome = 'success' | 'failure' | 'ignored';
