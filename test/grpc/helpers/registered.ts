import type { ClientOptions } from '@grpc/grpc-js';
import { Attachment } from '../../../src/grpc/attach.ts';
import type { MethodPolicyOptions } from '../../../src/index.ts';
import { MethodMatcher } from '../../../src/policy/method-matcher.ts';
import { NO_OBSERVER } from '../../../src/policy/observers.ts';
import { parsePolicy } from '../../../src/policy/policy.ts';
import type { CallObserver } from '../../../src/policy/ports.ts';
import { type BreakerEntry, BreakerRegistry } from '../../../src/policy/registry.ts';
import { systemClock, wallClockNow } from '../../../src/system-clock.ts';
import { connect } from './attached.ts';
import type { ScriptedClient } from './scripted-service.ts';

/** Breakers whose entries can be looked at, which is what telemetry sees of them. */
export interface Registered {
  readonly entries: () => BreakerEntry[];
  readonly warnings: readonly string[];
  /** A client with these breakers. It is closed when the test ends. */
  readonly connect: (target: string, options?: ClientOptions) => ScriptedClient;
  /** What the only breaker ignored, by cause. */
  readonly ignored: () => Record<string, number>;
}

/** Breakers of one policy for every method, without the wiring of `createBreakers`. */
export function register(
  policy: MethodPolicyOptions = {},
  { clock = systemClock, observer = NO_OBSERVER }: { clock?: { now(): number }; observer?: CallObserver } = {},
): Registered {
  const parsed = parsePolicy({ methods: [{ jitter: 0, ...policy }] });
  const dependencies = { clock, random: Math.random, onEvent: () => {}, onListenerError: () => {} };
  const registry = new BreakerRegistry(parsed.maxBreakers, dependencies);
  const warnings: string[] = [];
  const attachment = new Attachment({
    registry,
    observer,
    clock,
    wallClockNow,
    matcher: new MethodMatcher(parsed),
    findFallback: () => undefined,
    onWarning: (message, error) => warnings.push(`${message}: ${(error as Error).message}`),
  });
  const entries = () => [...registry.list()];
  return {
    entries,
    warnings,
    connect: (target, options) => connect(target, attachment.clientOptions(target, options ?? {})),
    ignored: () => Object.fromEntries(entries()[0]?.ignored ?? []),
  };
}
