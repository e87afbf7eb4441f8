import type { CallOptions, Interceptor, InterceptorOptions, InterceptorProvider } from '@grpc/grpc-js';
import type { WarningHandler } from '../policy/ports.ts';
import { type Attachment, isOurs } from './attach.ts';
import { targetOf } from './channel-target.ts';
import type { GetInterceptingCall } from './grpc-js-copy.ts';

/** What grpc-js makes a call's interceptors from: those of the call stand in place of those of its client. */
interface InterceptorArguments {
  readonly clientInterceptors: Interceptor[];
  readonly clientInterceptorProviders: InterceptorProvider[];
  readonly callInterceptors: Interceptor[];
  readonly callInterceptorProviders: InterceptorProvider[];
}

/** What is kept for a channel. */
interface Known {
  readonly interceptor: Interceptor;
  readonly provider: InterceptorProvider;
  /** For calls without any interceptor of the application's, which are most. */
  readonly alone: InterceptorArguments;
  /** For calls of clients with interceptors, by the client's list. */
  readonly ofClients: WeakMap<readonly unknown[], InterceptorArguments>;
}

const NONE: never[] = [];

/**
 * The same function, for calls with a breaker. Ours is added behind the application's own interceptors; what has one already is left alone. Whatever
 * goes wrong, or is not as it is known, the call goes on as it would have.
 * @param attachment - gives interceptors; asked with each call, and undefined as long as there is none
 * @param isLeftAlone - methods, `/pkg.Service/Method`, that get no breaker
 */
export function interceptAll(
  original: GetInterceptingCall,
  attachment: () => Attachment | undefined,
  isLeftAlone: (path: string) => boolean,
  onWarning: WarningHandler,
): GetInterceptingCall {
  const channels = new WeakMap<object, Known>();
  const know = (ours: Attachment, channel: object): Known => {
    let known = channels.get(channel);
    if (known === undefined) {
      const interceptor = ours.interceptor(targetOf(channel));
      known = {
        interceptor,
        provider: () => interceptor,
        alone: { ...NOTHING, clientInterceptors: [interceptor] },
        ofClients: new WeakMap(),
      };
      channels.set(channel, known);
    }
    return known;
  };
  let hasFailed = false;
  return (args, method, options, channel, ...more) => {
    let extended = args;
    let identified = options;
    try {
      const ours = attachment();
      const { path } = method as InterceptorOptions['method_definition'];
      if (ours !== undefined && !isLeftAlone(path)) {
        extended = extend(args as InterceptorArguments, know(ours, channel as object));
        if (extended !== args) identified = ours.identify(path, options as CallOptions, channel as object);
      }
    } catch (error) {
      extended = args;
      if (!hasFailed) onWarning(STRANGE, error);
      hasFailed = true;
    }
    return original(extended, method, identified, channel, ...more);
  };
}

const NOTHING: InterceptorArguments = {
  clientInterceptors: NONE,
  clientInterceptorProviders: NONE,
  callInterceptors: NONE,
  callInterceptorProviders: NONE,
};

const STRANGE = 'this version of @grpc/grpc-js makes calls in a way that is not known; they have no breaker (said once)';

/** With ours at the end of the list that holds for the call: innermost. The same, where there is one of ours already. */
function extend(args: InterceptorArguments, { interceptor, provider, alone, ofClients }: Known): InterceptorArguments {
  const { callInterceptors, callInterceptorProviders, clientInterceptors, clientInterceptorProviders } = args;
  if (callInterceptors.length > 0) {
    return callInterceptors.some(isOurs) ? args : { ...args, callInterceptors: [...callInterceptors, interceptor] };
  }
  if (callInterceptorProviders.length > 0) {
    if (callInterceptorProviders.some(isOurs)) return args;
    return { ...args, callInterceptorProviders: [...callInterceptorProviders, provider] };
  }
  if (clientInterceptors.length > 0) {
    const known = ofClients.get(clientInterceptors);
    if (known !== undefined && isContinued(clientInterceptors, known.clientInterceptors)) return known;
    if (clientInterceptors.some(isOurs)) return args;
    const extended = { ...args, clientInterceptors: [...clientInterceptors, interceptor] };
    ofClients.set(clientInterceptors, extended);
    return extended;
  }
  if (clientInterceptorProviders.length > 0) {
    if (clientInterceptorProviders.some(isOurs)) return args;
    return { ...args, clientInterceptorProviders: [...clientInterceptorProviders, provider] };
  }
  if (![callInterceptors, callInterceptorProviders, clientInterceptors, clientInterceptorProviders].every(Array.isArray)) {
    throw new TypeError('a call has something else than lists of interceptors');
  }
  return alone;
}

/** Whether a list is another one with one more at its end: its owner may have changed it. */
function isContinued(list: readonly unknown[], longer: readonly unknown[]): boolean {
  if (longer.length !== list.length + 1) return false;
  for (let at = 0; at < list.length; at++) if (list[at] !== longer[at]) return false;
  return true;
}
