import type { CallOptions, ClientOptions, Interceptor, InterceptorOptions } from '@grpc/grpc-js';
import type { MethodMatcher } from '../policy/method-matcher.ts';
import type { FallbackFinder } from '../policy/ports.ts';
import { CHANNEL_AUTHORITY, CHANNEL_IDENTITY, channelAuthority, channelIdentity } from './credentials-identity.ts';
import { InFlight } from './in-flight.ts';
import { MethodBinding, type ProtectionContext } from './method-binding.ts';
import { type NextCall, ProtectedCall } from './protected-call.ts';

type CallProperties = Parameters<NonNullable<ClientOptions['callInvocationTransformer']>>[0];

/**
 * Makes interceptors for targets: one each, so that a client that gets it twice is seen. They live as long as their clients do,
 * so that a process whose targets come and go does not grow.
 */
export class Attachment {
  readonly #context: ProtectionContext;
  readonly #interceptors = new Map<string, WeakRef<Interceptor>>();
  /** The transformers that were given out, with their target. */
  readonly #transformers = new WeakMap<NonNullable<ClientOptions['callInvocationTransformer']>, string>();
  /** Methods, by `/pkg.Service/Method`, whose answers are stored. */
  readonly #stored = new Map<string, boolean>();
  readonly #forget = new FinalizationRegistry<string>((target) => {
    if (this.#interceptors.get(target)?.deref() === undefined) this.#interceptors.delete(target);
  });

  constructor(context: Omit<ProtectionContext, 'inFlight'>) {
    this.#context = { ...context, inFlight: new InFlight(context) };
  }

  /** Goes over to another policy: calls that begin from now on are under it. */
  adopt(matcher: MethodMatcher, findFallback: FallbackFinder): void {
    this.#context.matcher = matcher;
    this.#context.findFallback = findFallback;
    this.#stored.clear();
  }

  /** The interceptor for clients of a target. */
  interceptor(target: string): Interceptor {
    let interceptor = this.#interceptors.get(target)?.deref();
    if (interceptor === undefined) {
      interceptor = createInterceptor(this.#context, target);
      this.#interceptors.set(target, new WeakRef(interceptor));
      this.#forget.register(interceptor, target);
    }
    return interceptor;
  }

  /**
   * Client options with the interceptor in them, innermost. grpc-js lets the interceptors of a single call replace the client's;
   * the transformer puts ours back behind them, so that such calls stay protected.
   */
  clientOptions(target: string, options: ClientOptions): ClientOptions {
    const { callInvocationTransformer: transform } = options;
    const interceptor = this.interceptor(target);
    const isAttached = options.interceptors?.includes(interceptor) === true || options.interceptor_providers !== undefined;
    // Options that are ours already, and still whole: frameworks merge them more than once.
    if (transform !== undefined && this.#transformers.get(transform) === target && isAttached) return options;
    const provider = markAsOurs(() => interceptor);
    const callInvocationTransformer: NonNullable<ClientOptions['callInvocationTransformer']> = (properties) => {
      const given = transform === undefined ? properties : transform(properties);
      const transformed = this.#withIdentity(given);
      const { callOptions } = transformed;
      const { interceptors = [], interceptor_providers: providers = [] } = callOptions;
      if (interceptors.length > 0 && !interceptors.includes(interceptor)) {
        return { ...transformed, callOptions: { ...callOptions, interceptors: [...interceptors, interceptor] } };
      }
      if (providers.length > 0)
        return { ...transformed, callOptions: { ...callOptions, interceptor_providers: [...providers, provider] } };
      return transformed;
    };
    this.#transformers.set(callInvocationTransformer, target);
    if (options.interceptors?.includes(interceptor) === true) return { ...options, callInvocationTransformer };
    if ((options.interceptor_providers?.length ?? 0) > 0) {
      return {
        ...options,
        interceptor_providers: [...(options.interceptor_providers ?? []), provider],
        callInvocationTransformer,
      };
    }
    return { ...options, interceptors: [...(options.interceptors ?? []), interceptor], callInvocationTransformer };
  }

  /**
   * The options of a call on a channel. Where its answers are stored they carry what tells the channel's credentials, and the name that it calls its
   * server by, from others.
   * @param path - `/pkg.Service/Method`
   */
  identify(path: string, options: CallOptions, channel: object): CallOptions {
    let isStored = this.#stored.get(path);
    if (isStored === undefined) {
      isStored = this.#context.findFallback(path.slice(1))?.remembers === true;
      this.#stored.set(path, isStored);
    }
    if (!isStored) return options;
    const identified: CallOptions & { [CHANNEL_IDENTITY]: string; [CHANNEL_AUTHORITY]: string | undefined } = {
      ...options,
      [CHANNEL_IDENTITY]: channelIdentity(channel),
      [CHANNEL_AUTHORITY]: channelAuthority(channel),
    };
    return identified;
  }

  #withIdentity(properties: CallProperties): CallProperties {
    const { methodDefinition, callOptions, channel } = properties;
    const identified = this.identify(methodDefinition.path, callOptions, channel);
    return identified === callOptions ? properties : { ...properties, callOptions: identified };
  }
}

/** Interceptors, and what provides them, of this package, whichever copy of it made them. */
const OURS: unique symbol = Symbol.for('grpc-breaker.interceptor') as never;

function markAsOurs<T extends object>(value: T): T {
  return Object.defineProperty(value, OURS, { value: true });
}

/** Whether this package made an interceptor, or a provider of one. */
export function isOurs(value: unknown): boolean {
  return typeof value === 'function' && OURS in value;
}

function createInterceptor(context: ProtectionContext, target: string): Interceptor {
  const bindings = new Map<string, MethodBinding | null>();
  let { matcher } = context;
  return markAsOurs<Interceptor>((options, nextCall) => {
    if (context.matcher !== matcher) {
      bindings.clear();
      matcher = context.matcher;
    }
    const { path } = options.method_definition;
    let binding = bindings.get(path);
    if (binding === undefined) {
      binding = bind(context, target, options);
      bindings.set(path, binding);
    }
    return asInterceptingCall(binding === null ? nextCall(options) : new ProtectedCall(binding, options, nextCall));
  });
}

/** Null for methods that no policy names, and where the policy is off: such calls are handed on untouched. */
function bind(
  context: ProtectionContext,
  target: string,
  { method_definition: definition }: InterceptorOptions,
): MethodBinding | null {
  const policy = context.matcher.find(definition.path.replace(/^\//, ''));
  if (policy === undefined || policy.breaker.mode === 'off') return null;
  return new MethodBinding(context, target, definition, policy);
}

/** grpc-js asks for its own class where its interface would do (grpc-node#3037). */
function asInterceptingCall(call: ReturnType<NextCall>): ReturnType<Interceptor> {
  return call as unknown as ReturnType<Interceptor>;
}
