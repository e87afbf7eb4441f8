/** Why a fallback source was passed over: it threw or rejected, took too long, had nothing, or what it had was too old. */
export type SkipReason = 'failed' | 'timeout' | 'empty' | 'tooOld';
