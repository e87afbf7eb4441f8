import type { ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Breaker } from '../core/breaker.ts';
import type { Clock } from '../core/clock.ts';
import type { Administered } from '../policy/administered.ts';
import { invalidField } from './admin-error.ts';
import { breakerMessage } from './breaker-message.ts';
import type { Definitions } from './definitions.ts';
import { modeOf } from './enums.ts';
import { differenceMessages } from './event-message.ts';
import { findBreaker } from './find-breaker.ts';
import { closedStatus, endWith, type HandlerMaker } from './handlers.ts';
import { type ListRequest, listPage } from './listing.ts';
import { documentOf } from './policy-document.ts';
import { durationMs, type ProtoTime } from './protobuf-time.ts';
import type { Steering } from './steering.ts';
import type { WatchHub } from './watch-hub.ts';

const MOST_NAMES = 100;
const LONGEST_NAME = 2_000;

/** Requests as read from the wire, with their defaults. */
interface NameRequest {
  readonly name: string;
}
interface ChangeMessage extends NameRequest {
  readonly reason: string;
  readonly expiry?: ProtoTime | null;
}
interface WatchRequest {
  readonly names: readonly string[];
  readonly status: boolean;
  readonly resume_token: string;
}
interface ReloadMessage {
  readonly document: string;
  readonly reason: string;
  readonly expiry?: ProtoTime | null;
  readonly etag: string;
  readonly validate_only: boolean;
}

/** What the methods work with. */
export interface ServiceParts {
  readonly breakers: Administered;
  readonly steering: Steering;
  readonly hub: WatchHub;
  readonly definitions: Definitions;
  readonly clock: Clock;
  readonly make: HandlerMaker;
}

/** The methods of the service, as in admin.proto. */
export function adminService(parts: ServiceParts): UntypedServiceImplementation {
  const { breakers, steering, hub, definitions, clock, make } = parts;
  const { encodeList } = definitions;
  const changed = (breaker: Breaker): object => lookAt(breakers, breaker.name);
  return {
    List: make.unary((request: ListRequest) => listPage(request, { breakers, encodeList, clock })),
    Get: make.unary(({ name }: NameRequest) => lookAt(breakers, name)),
    Watch: make.stream((call: ServerWritableStream<WatchRequest, Buffer>) => watch(call, hub)),
    ForceOpen: make.unary((request: ChangeMessage, caller) => changed(steering.forceOpen(caller, changeOf(request)))),
    ForceClosed: make.unary((request: ChangeMessage, caller) => changed(steering.forceClosed(caller, changeOf(request)))),
    Release: make.unary((request: ChangeMessage, caller) => changed(steering.release(caller, changeOf(request)))),
    Reset: make.unary((request: ChangeMessage, caller) => changed(steering.reset(caller, changeOf(request)))),
    SetMode: make.unary((request: ChangeMessage & { readonly mode: number }, caller) =>
      changed(steering.setMode(caller, changeOf(request), modeOf(request.mode))),
    ),
    GetPolicy: make.unary(() => policyMessage(breakers)),
    ReloadPolicy: make.unary((request: ReloadMessage, caller) => {
      const { document, reason, etag, expiry } = request;
      if (request.validate_only) {
        steering.checkPolicy(caller, document);
        return { policy: policyMessage(breakers) };
      }
      const event = steering.reloadPolicy(caller, { document, reason, etag, expiryMs: durationMs(expiry) });
      const { changes, kept, ended } = event;
      return { policy: policyMessage(breakers), changes: differenceMessages(changes), kept, ended };
    }),
  };
}

function lookAt(breakers: Administered, name: string): object {
  const breaker = findBreaker(breakers, name);
  const info = breakers.describe([breaker.name]).find(({ snapshot }) => snapshot.name === breaker.name);
  if (info === undefined) throw new Error(`the breaker ${breaker.name} cannot be described`);
  return breakerMessage(info);
}

function changeOf({ name, reason, expiry }: ChangeMessage): { name: string; reason: string; expiryMs: number | undefined } {
  return { name, reason, expiryMs: durationMs(expiry) };
}

function policyMessage(breakers: Administered): object {
  const { document, etag, hasCode } = documentOf(breakers.policy);
  return { document, etag, has_code: hasCode };
}

function watch(call: ServerWritableStream<WatchRequest, Buffer>, hub: WatchHub): void {
  const { names, status, resume_token: token } = call.request;
  if (names.length > MOST_NAMES)
    throw invalidField('names', `has ${names.length}; expected at most ${MOST_NAMES}, or none for all`);
  if (names.some(({ length }) => length > LONGEST_NAME))
    throw invalidField('names', `has one of over ${LONGEST_NAME} characters`);
  const end = hub.watch(names.length === 0 ? undefined : new Set(names), status, token, {
    write: (response, done) => void call.write(response, done),
    close: () => endWith(call, closedStatus()),
  });
  call.on('cancelled', end);
  call.on('close', end);
}
