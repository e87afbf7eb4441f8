import type { Attributes } from '@opentelemetry/api';
import type { BreakerEntry } from '../policy/registry.ts';
import { ATTRIBUTES } from './names.ts';
import { parseTarget } from './server-address.ts';

/**
 * What spans and log events say of every breaker: its name and what it protects. A breaker that several methods or targets share,
 * or may share (a key made by code, an `_OTHER`), names none of them rather than the one that came first.
 */
export function breakerIdentity({ breaker, policy, target, method, isOverflow }: BreakerEntry): Attributes {
  const identity: Attributes = { [ATTRIBUTES.name]: breaker.name, [ATTRIBUTES.rpcSystem]: 'grpc' };
  const { key } = policy;
  if (key.method && !isOverflow) identity[ATTRIBUTES.rpcMethod] = method;
  const server = key.target && !isOverflow ? parseTarget(target) : undefined;
  if (server !== undefined) identity[ATTRIBUTES.serverAddress] = server.address;
  if (server?.port !== undefined) identity[ATTRIBUTES.serverPort] = server.port;
  return identity;
}
