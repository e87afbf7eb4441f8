/** What the program is called, in texts and in scripts for completion. */
export const PROGRAM = 'grpc-breaker';
