import type { Client } from '@grpc/grpc-js';
import type { Clock } from '../core/clock.ts';
import type { FallbackClient } from '../policy/fallback-call-options.ts';
import type { MethodDefinitions } from '../policy/method-definitions.ts';
import type { MethodMatcher } from '../policy/method-matcher.ts';
import type { MethodPolicy } from '../policy/policy.ts';
import type { WarningHandler } from '../policy/ports.ts';
import type { Registered } from '../policy/registered.ts';
import type { AnswerStores } from './answer-store.ts';
import type { FallbackClients } from './fallback-clients.ts';

/** What fallbacks are made of, besides the policy. */
export interface FallbackParts {
  /** The services that code registered, and those of the policy's files. */
  readonly definitions: MethodDefinitions;
  readonly matcher: MethodMatcher;
  readonly policies: readonly MethodPolicy[];
  readonly registered: Registered;
  readonly clients: FallbackClients<Client>;
  /** Gets the registrations that fallback calls are made with. */
  readonly needed: Set<FallbackClient>;
  /** Where good answers are stored. */
  readonly stores: AnswerStores;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClockNow: () => number;
  readonly onWarning: WarningHandler;
}
