import { cockatielConsecutive, cockatielSampling } from './cockatiel.ts';
import type { ContenderKind } from './contender.ts';
import { hystrix } from './hystrix.ts';
import { noBreaker } from './no-breaker.ts';
import { opossumDefaults, opossumQuick } from './opossum.ts';
import { polly } from './polly.ts';
import { resilience4j } from './resilience4j.ts';

/** What ours is called in every report. */
export const OURS = 'grpc-breaker';

/** Ours with `shed` in place of open and closed. */
export const OURS_SHED = 'grpc-breaker, shed';

/** Everybody else: the real libraries in their tunings, the rules of others, and no breaker. */
export const PEERS: readonly ContenderKind[] = [
  opossumDefaults,
  opossumQuick,
  cockatielSampling,
  cockatielConsecutive,
  hystrix,
  resilience4j,
  polly,
];

/** Ours is measured against these. */
export const OTHERS: readonly ContenderKind[] = [noBreaker, ...PEERS];
