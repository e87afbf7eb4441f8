import type { CallOptions, Interceptor, InterceptorOptions, InterceptorProvider } from '@grpc/grpc-js';
import type { WarningHandler } from '../policy/ports.ts';
import { type Attachment, isOurs } from './attach.ts';
import { targetOf } from './channel-target.ts';

/** What grpc-js makes a call's interceptors from: those of the call stand in place of those of its client. */
interface InterceptorArguments {
  readonly clientInterceptors: Interceptor[];
  readonly clientInterceptorProviders: InterceptorProvider[];
  readonly callInterceptors: Interceptor[];
  readonly callInterceptorProviders: InterceptorProvider[];
}

/** The one function that grpc-js asks for the call object of every call of every client. */
export type GetInterceptingCall = (
  interceptors: InterceptorArguments,
  method: InterceptorOptions['method_definition'],
  options: CallOptions,
  channel: object,
) => unknown;

/** What is kept for a channel. */
interface Known {
  readonly interceptor: Interceptor;
  /** By the list of the application's: a client keeps its own. */
  readonly extended: WeakMap<Interceptor[], Interceptor[]>;
}

const LISTS = ['clientInterceptors', 'clientInterceptorProviders', 'callInterceptors', 'callInterceptorProviders'] as const;

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
  let hasFailed = false;
  const protect = (args: InterceptorArguments, method: InterceptorOptions['method_definition'], channel: object) => {
    const ours = attachment();
    if (ours === undefined || isLeftAlone(method.path)) return undefined;
    if (LISTS.some((name) => !Array.isArray(args[name])))
      throw new TypeError('calls are made from other things than interceptors');
    if (args.callInterceptors.some(isOurs) || args.callInterceptorProviders.some(isOurs)) return undefined;
    const hasOwn = args.callInterceptors.length > 0 || args.callInterceptorProviders.length > 0;
    if (!hasOwn && (args.clientInterceptors.some(isOurs) || args.clientInterceptorProviders.some(isOurs))) return undefined;
    let known = channels.get(channel);
    if (known === undefined) {
      known = { interceptor: ours.interceptor(targetOf(channel)), extended: new WeakMap() };
      channels.set(channel, known);
    }
    return extend(args, hasOwn, known);
  };
  return (args, method, options, channel) => {
    let extended: InterceptorArguments | undefined;
    let identified = options;
    try {
      extended = protect(args, method, channel);
      if (extended !== undefined) identified = attachment()?.identify(method.path, options, channel) ?? options;
    } catch (error) {
      if (!hasFailed)
        onWarning(
          'this version of @grpc/grpc-js makes calls in a way that is not known; they have no breaker (said once)',
          error,
        );
      hasFailed = true;
    }
    return original(extended ?? args, method, identified, channel);
  };
}

/** The list that holds for the call, with ours at its end: innermost. */
function extend(args: InterceptorArguments, hasOwn: boolean, { interceptor, extended }: Known): InterceptorArguments {
  if (args.callInterceptors.length > 0) return { ...args, callInterceptors: [...args.callInterceptors, interceptor] };
  if (hasOwn) return { ...args, callInterceptorProviders: [...args.callInterceptorProviders, () => interceptor] };
  if (args.clientInterceptorProviders.length > 0) {
    return { ...args, clientInterceptorProviders: [...args.clientInterceptorProviders, () => interceptor] };
  }
  const { clientInterceptors } = args;
  let all = extended.get(clientInterceptors);
  // A list that its owner has added to since is another one.
  if (all?.length !== clientInterceptors.length + 1) {
    all = [...clientInterceptors, interceptor];
    extended.set(clientInterceptors, all);
  }
  return { ...args, clientInterceptors: all };
}
