import {
  type CallOptions,
  type ClientWritableStream,
  Metadata,
  type ServiceError,
  status as Status,
  type StatusObject,
} from '@grpc/grpc-js';
import {
  type Answer,
  type CallType,
  type Question,
  receivesStream,
  type ScriptedClient,
  sendsStream,
} from './scripted-service.ts';

/** One thing that a caller saw, in words and plain values that can be compared. */
export type Sight =
  | readonly ['metadata' | 'trailers', Readonly<Record<string, unknown>>]
  | readonly ['message', unknown]
  | readonly [
      'callback' | 'error',
      { code: number; details: string; message: string; metadata: Readonly<Record<string, unknown>> },
    ]
  | readonly ['status', { code: number; details: string; metadata: Readonly<Record<string, unknown>> }]
  | readonly ['end' | 'close' | 'stuck']
  | readonly ['thrown', string];

/** All that a caller saw of a call. */
export interface Played {
  /** In the order in which it came. */
  readonly sights: Sight[];
  /** Requests whose write was called back, in that order. */
  readonly written: number[];
  /** The request stream has finished. */
  finished: boolean;
  peer: string;
  /** Milliseconds from the call to its status. */
  durationMs: number;
  /** The error as it came. */
  error: ServiceError | undefined;
}

/** How a caller goes about a call. */
export interface Plan {
  /** What is sent; only the first one where the method takes one. @default [{}] */
  readonly requests?: readonly Question[];
  /** Milliseconds between two requests. */
  readonly requestGapMs?: number;
  /** Does not end its side. */
  readonly keepOpen?: boolean;
  readonly metadata?: Metadata;
  readonly options?: CallOptions;
  /** When it cancels. */
  readonly cancel?: 'atOnce' | 'onMetadata' | 'onMessage' | number | Promise<unknown>;
  /** Reads a stream in no other way than this: 0 for not at all. @default all of it, as it flows */
  readonly reads?: 0;
  /** How long the whole may take, in milliseconds; then the call is cancelled and `stuck`. */
  readonly patienceMs?: number;
}

/** What calls of all types have, and streams of requests besides. */
interface AnyCall {
  cancel(): void;
  getPeer(): string;
  write?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: an event's arguments are its own.
  on(event: string, listener: (argument: any) => void): unknown;
}

/** Times and ports differ from run to run, and what a deadline interrupted does too. */
function steady(text: string): string {
  return text.replace(/Deadline exceeded.*$/s, 'Deadline exceeded').replace(/(127\.0\.0\.1|localhost):\d+/g, '$1:PORT');
}

function entriesOf(metadata: Metadata): Readonly<Record<string, unknown>> {
  const { date: _date, ...entries } = metadata.getMap();
  return entries;
}

/** A server keeps the deadline too, and may be quicker to say so: then its headers come along. */
function statusSight({ code, details, metadata }: StatusObject): {
  code: number;
  details: string;
  metadata: Readonly<Record<string, unknown>>;
} {
  return { code, details: steady(details), metadata: code === Status.DEADLINE_EXCEEDED ? {} : entriesOf(metadata) };
}

function errorSight(error: ServiceError): Extract<Sight, readonly ['callback' | 'error', unknown]>[1] {
  return { ...statusSight(error), message: steady(error.message) };
}

function isFinal(sight: Sight): boolean {
  return sight[0] === 'status' || sight[0] === 'thrown' || sight[0] === 'stuck';
}

/** Makes a call and writes down everything that its caller gets to see, until its status and a little longer. */
export async function play(client: ScriptedClient, type: CallType, plan: Plan = {}): Promise<Played> {
  const { requests = [{}], metadata = new Metadata(), options = {}, cancel, patienceMs = 5_000 } = plan;
  const played: Played = { sights: [], written: [], finished: false, peer: '', durationMs: 0, error: undefined };
  const startedAt = performance.now();
  let call: AnyCall | undefined;
  await new Promise<void>((resolve) => {
    const see = (...sight: Sight) => {
      played.sights.push(sight);
      if (isFinal(sight)) played.durationMs = performance.now() - startedAt;
      if (isFinal(sight)) resolve();
    };
    const answered = (error: ServiceError | null, answer?: Answer) => {
      played.error = error ?? undefined;
      if (error === null) see('message', answer);
      else see('callback', errorSight(error));
    };
    try {
      call = start(client, type, requests[0] ?? {}, metadata, options, answered);
    } catch (error) {
      see('thrown', (error as Error).message);
      return;
    }
    watch(call, type, plan, see);
    if (receivesStream(type)) call.on('error', (error: ServiceError) => (played.error = error));
    if (cancel === 'atOnce') call.cancel();
    else if (typeof cancel === 'number') setTimeout(() => call?.cancel(), cancel);
    else if (cancel instanceof Promise) void cancel.then(() => call?.cancel());
    if (sendsStream(type)) void send(call as ClientWritableStream<Question>, requests, plan, played);
    const patience = setTimeout(() => {
      see('stuck');
      call?.cancel();
    }, patienceMs);
    call.on('status', () => clearTimeout(patience));
  });
  played.peer = steady(call?.getPeer() ?? '');
  // What comes after the status is written down too: nothing may.
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  return played;
}

function start(
  client: ScriptedClient,
  type: CallType,
  request: Question,
  metadata: Metadata,
  options: CallOptions,
  answered: (error: ServiceError | null, answer?: Answer) => void,
): AnyCall {
  if (type === 'unary') return client.unary(request, metadata, options, answered);
  if (type === 'upload') return client.upload(metadata, options, answered);
  if (type === 'download') return client.download(request, metadata, options);
  return client.chat(metadata, options);
}

function watch(call: AnyCall, type: CallType, { cancel, reads }: Plan, see: (...sight: Sight) => void): void {
  call.on('metadata', (received: Metadata) => {
    see('metadata', entriesOf(received));
    if (cancel === 'onMetadata') call.cancel();
  });
  call.on('status', (status: StatusObject) => see('status', statusSight(status)));
  if (!receivesStream(type)) return;
  call.on('error', (error: ServiceError) => see('error', errorSight(error)));
  if (reads === 0) return;
  call.on('end', () => see('end'));
  call.on('data', (answer: Answer) => {
    see('message', answer);
    if (cancel === 'onMessage') call.cancel();
  });
}

async function send(
  call: ClientWritableStream<Question>,
  requests: readonly Question[],
  { keepOpen, requestGapMs }: Plan,
  played: Played,
): Promise<void> {
  call.on('finish', () => {
    played.finished = true;
  });
  for (const [index, request] of requests.entries()) {
    if (index > 0 && requestGapMs !== undefined) await new Promise((resolve) => setTimeout(resolve, requestGapMs));
    call.write(request, () => played.written.push(index));
  }
  if (keepOpen !== true) call.end();
}

/** The status code that a call ended with, undefined when it did not end. */
export function codeOf(played: Pick<Played, 'sights'>): number | undefined {
  const status = played.sights.find((sight) => sight[0] === 'status');
  return status?.[0] === 'status' ? status[1].code : undefined;
}

/** The messages that it delivered. */
export function messagesOf(played: Pick<Played, 'sights'>): Answer[] {
  return played.sights.flatMap((sight) => (sight[0] === 'message' ? [sight[1] as Answer] : []));
}
