import type { CallOptions, ClientOptions, Interceptor } from '@grpc/grpc-js';
import type { MethodPolicyOptions } from '../../../src/index.ts';
import { type Attached, attach, connect } from './attached.ts';
import { type Plan, type Played, play } from './play.ts';
import { type Script, scripted } from './script.ts';
import { type ScriptedServer, type SeenCall, startScriptedServer } from './scripted-server.ts';
import type { CallType, ScriptedClientConstructor } from './scripted-service.ts';

/** Where a breaker stands among the interceptors of a call. */
export type Position =
  | 'innermost'
  | 'outermost'
  | 'behind the call’s own'
  | 'behind providers'
  | 'behind the call’s own providers';

/** A call to be made with and without a breaker. */
export interface Comparison {
  readonly type: CallType;
  readonly script?: Script;
  readonly plan?: Omit<Plan, 'options' | 'metadata'>;
  /** Made anew for each call, so that deadlines are. */
  readonly callOptions?: () => CallOptions;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly clientOptions?: ClientOptions;
  readonly interceptors?: (log: string[]) => Interceptor[];
  readonly position?: Position;
  readonly policy?: MethodPolicyOptions;
  readonly Client?: ScriptedClientConstructor;
}

/** All that two parties and the interceptors between them saw of a call. */
export interface Seen {
  readonly caller: Omit<Played, 'durationMs' | 'error'>;
  readonly server: readonly unknown[];
  /** What each of them saw, in order. */
  readonly interceptors: Readonly<Record<string, readonly string[] | undefined>>;
}

/** What it was like without a breaker, and with one. */
export interface Compared {
  readonly bare: Seen;
  readonly protected: Seen;
  readonly attached: Attached;
}

/** Two servers of the same kind: one for calls without a breaker, one for calls with one. */
export interface Twins {
  readonly bare: ScriptedServer;
  readonly protected: ScriptedServer;
  stop(): Promise<unknown>;
}

/** Starts them. */
export async function startTwins(): Promise<Twins> {
  const [bare, other] = await Promise.all([startScriptedServer(), startScriptedServer()]);
  return { bare, protected: other, stop: () => Promise.all([bare.stop(), other.stop()]) };
}

/** Makes the same call without a breaker and with a closed one, at the same time. */
export async function compare(twins: Twins, comparison: Comparison): Promise<Compared> {
  const attached = attach(comparison.policy);
  const [bare, other] = await Promise.all([
    callOnce(twins.bare, comparison, undefined),
    callOnce(twins.protected, comparison, attached),
  ]);
  return { bare, protected: other, attached };
}

async function callOnce(server: ScriptedServer, comparison: Comparison, attached: Attached | undefined): Promise<Seen> {
  const { type, script = {}, plan, callOptions, metadata = {}, position = 'innermost', Client } = comparison;
  const log: string[] = [];
  const interceptors = comparison.interceptors?.(log) ?? [];
  const { client: clientLevel, call: callLevel } = place(interceptors, position);
  let options: ClientOptions = { ...comparison.clientOptions, ...clientLevel };
  if (attached !== undefined && position === 'outermost') {
    options = { ...options, interceptors: [attached.breakers.interceptor(server.target), ...interceptors] };
  } else if (attached !== undefined) options = attached.breakers.clientOptions(server.target, options);
  const client = connect(server.target, options, Client);

  server.forget();
  const sent = scripted(script);
  for (const [key, value] of Object.entries(metadata)) sent.set(key, value);
  const {
    durationMs: _durationMs,
    error: _error,
    ...caller
  } = await play(client, type, {
    ...plan,
    metadata: sent,
    options: { ...callOptions?.(), ...callLevel },
  });
  return { caller, server: server.calls.map(asSeen), interceptors: Object.groupBy(log, (line) => line.split(' ', 1)[0] ?? '') };
}

function place(interceptors: Interceptor[], position: Position): { client: ClientOptions; call: CallOptions } {
  if (interceptors.length === 0) return { client: {}, call: {} };
  if (position === 'behind the call’s own') return { client: {}, call: { interceptors } };
  const providers = interceptors.map((interceptor) => () => interceptor);
  if (position === 'behind providers') return { client: { interceptor_providers: providers }, call: {} };
  if (position === 'behind the call’s own providers') return { client: {}, call: { interceptor_providers: providers } };
  return { client: { interceptors }, call: {} };
}

function asSeen({ path, host, metadata, deadlineLeftMs, received, halfClosed }: SeenCall): unknown {
  const { 'grpc-timeout': _timeout, ...entries } = metadata.getMap();
  const hasDeadline = deadlineLeftMs !== Infinity;
  return { path, host: host.replace(/:\d+$/, ''), metadata: entries, hasDeadline, received, halfClosed };
}
