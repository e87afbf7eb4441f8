import { credentials, InterceptingCall, type Interceptor } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import type { BreakersOptions, FallbackCallOptions, FallbackSourceOptions, MethodPolicyOptions } from '../../../src/index.ts';
import { type Attached, attachAll } from '../../grpc/helpers/attached.ts';
import { type Script, scripted } from '../../grpc/helpers/script.ts';
import { SCRIPTED } from '../../grpc/helpers/scripted-service.ts';

/** What the second server does with fallback calls, changed by the test at will. */
export interface Orders {
  script: Script;
}

/** A client's own interceptor that asks its server for a script, whatever metadata the caller had. */
function ordered(orders: Orders): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => next(scripted(orders.script, metadata), listener),
    });
}

/** What breakers with a fallback call are made of. */
export interface SecondOptions {
  /** Of the fallback call. Its client is `second` unless it says otherwise. */
  readonly call?: Partial<FallbackCallOptions>;
  /** Of its source: name, when, timeout. */
  readonly source?: Partial<FallbackSourceOptions>;
  /** Sources behind it. @default none */
  readonly others?: readonly FallbackSourceOptions[];
  readonly method?: 'Unary' | 'Download' | 'Upload' | 'Chat';
  readonly policy?: MethodPolicyOptions;
  readonly options?: BreakersOptions;
}

/** Breakers whose refused and failed calls of a method are answered by a call to the server at `second`, and what that does. */
export function answeredBy(second: string, given: SecondOptions = {}): Attached & { readonly orders: Orders } {
  const { call = {}, source = {}, others = [], method = 'Unary', policy = {}, options = {} } = given;
  const orders: Orders = { script: {} };
  const attached = attachAll(
    {
      methods: [
        {
          jitter: 0,
          rampUp: 0,
          openFor: '1h',
          backoff: { max: '1h' },
          trip: { consecutiveFailures: 3 },
          ...policy,
          name: [{ service: SCRIPTED, method }],
          fallback: {
            on: ['rejected', 'failed', 'stale'],
            sources: [{ call: { client: 'second', ...call }, ...source }, ...others],
          },
        },
      ],
    },
    {
      ...options,
      clients: {
        second: {
          target: second,
          credentials: credentials.createInsecure(),
          options: { interceptors: [ordered(orders)], 'grpc.use_local_subchannel_pool': 1 },
        },
        ...options.clients,
      },
    },
  );
  onTestFinished(() => attached.breakers.dispose());
  return { ...attached, orders };
}
