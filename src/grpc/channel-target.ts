/** What is read of a channel. */
export interface TargetedChannel {
  getTarget(): string;
  readonly internalChannel?: { readonly options?: Readonly<Record<string, unknown>> };
}

/**
 * The target of a channel as clients are made with it, so that breakers have the names that they get from `clientOptions`: without the `dns:` that
 * grpc-js puts before it, and behind an HTTP proxy the server's, not the proxy's. Every other scheme stays.
 * @throws where the channel does not tell
 */
export function targetOf(channel: object): string {
  const { getTarget, internalChannel } = channel as Partial<TargetedChannel>;
  if (typeof getTarget !== 'function') throw new TypeError('the channel has no getTarget()');
  const behindProxy = internalChannel?.options?.['grpc.http_connect_target'];
  const target: unknown = typeof behindProxy === 'string' ? behindProxy : getTarget.call(channel);
  if (typeof target !== 'string') throw new TypeError(`getTarget() of the channel gave ${String(target)}`);
  return /^dns:[^/]/.test(target) ? target.slice('dns:'.length) : target;
}
