import type { ContenderKind } from './contender.ts';

/** No breaker at all: what the others are measured against. */
export const noBreaker: ContenderKind = {
  name: 'no breaker',
  isAsync: false,
  isOurs: false,
  make: () => ({
    attempt: (call) => call.begin(),
    ended: () => {},
  }),
};
