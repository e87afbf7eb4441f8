import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { WarningHandler } from '../policy/ports.ts';
import { encodeStatus, STATUS_DETAILS } from '../policy/rich-status.ts';
import { STATUS_CODES } from '../policy/status-codes.ts';
import type { Access, Admitted, Presented } from './access.ts';
import { AdminError, badRequest } from './admin-error.ts';

// biome-ignore lint/suspicious/noExplicitAny: any method's call.
type AnyCall = ServerUnaryCall<any, object> | ServerWritableStream<any, Buffer>;

/** A status as grpc-js sends it. */
export interface SentStatus {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

/** An error as a status with google.rpc.Status in it; a bug of ours is INTERNAL, and a warning. */
function statusOf(error: unknown, onWarning: WarningHandler): SentStatus {
  if (!(error instanceof AdminError)) onWarning('a call of the admin service failed', error);
  const told =
    error instanceof AdminError
      ? error
      : new AdminError('INTERNAL', 'BUG', 'the admin service failed; the process has a warning that says why');
  const { code, message, reason, info, fields } = told;
  const metadata = new Metadata();
  const details = fields.length === 0 ? [] : [badRequest(fields)];
  const errorInfo = { reason, domain: 'grpc-breaker', metadata: info };
  metadata.set(STATUS_DETAILS, Buffer.from(encodeStatus({ code, message, errorInfo, details })));
  return { code, details: message, metadata };
}

/** What a call brings with it to say who its caller is. */
function presentedBy(call: AnyCall): Presented {
  const text = (key: string): string | undefined => {
    const [value] = call.metadata.get(key);
    return typeof value === 'string' ? value : undefined;
  };
  return {
    authorization: text('authorization'),
    user: text('x-grpc-breaker-user'),
    peer: call.getPeer(),
    certificate: certificateOf(call),
  };
}

/** The subject of a client certificate. grpc-js before 1.14 tells of none; a server that asks for none gets none. */
function certificateOf(call: AnyCall): string | undefined {
  const context = (call as Partial<AnyCall>).getAuthContext?.();
  const certificate = context?.sslPeerCertificate;
  if (context?.transportSecurityType !== 'ssl' || certificate === undefined || Object.keys(certificate).length === 0)
    return undefined;
  const name: unknown = certificate.subject?.CN;
  return typeof name === 'string' && name !== '' ? name : 'certificate';
}

/** Makes handlers whose errors become statuses, whatever they are. */
export class HandlerMaker {
  readonly #access: Access;
  readonly #onWarning: WarningHandler;

  constructor(access: Access, onWarning: WarningHandler) {
    this.#access = access;
    this.#onWarning = onWarning;
  }

  /** Of a unary method. */
  unary<Request>(handle: (request: Request, caller: Admitted) => object | Promise<object>): handleUnaryCall<Request, object> {
    return (call, callback) => {
      const answer = async (): Promise<void> => {
        let response: object;
        try {
          response = await handle(call.request, this.#access.identify(presentedBy(call)));
        } catch (error) {
          callback(statusOf(error, this.#onWarning));
          return;
        }
        callback(null, response);
      };
      void answer();
    };
  }

  /** Of a server stream. */
  stream<Request>(
    handle: (call: ServerWritableStream<Request, Buffer>, caller: Admitted) => void,
  ): handleServerStreamingCall<Request, Buffer> {
    return (call) => {
      try {
        handle(call, this.#access.identify(presentedBy(call)));
      } catch (error) {
        endWith(call, statusOf(error, this.#onWarning));
      }
    };
  }

  /** Another service's handlers behind the same tokens. */
  behindTokens(handlers: UntypedServiceImplementation): UntypedServiceImplementation {
    return Object.fromEntries(
      Object.entries(handlers).map(([name, handle]) => {
        const run = handle as (call: AnyCall, callback?: (error: object) => void) => unknown;
        const guarded = (call: AnyCall, callback?: (error: object) => void) => {
          try {
            this.#access.identify(presentedBy(call));
            run(call, callback);
          } catch (error) {
            const status = statusOf(error, this.#onWarning);
            if (callback === undefined) endWith(call, status);
            else callback(status);
          }
        };
        return [name, guarded as UntypedServiceImplementation[string]];
      }),
    );
  }
}

/** Ends a stream with an error. */
export function endWith(call: Pick<ServerWritableStream<never, Buffer>, 'emit'>, status: SentStatus): void {
  call.emit('error', Object.assign(new Error(status.details), status));
}

/** What watchers get when the service is closed. */
export function closedStatus(): SentStatus {
  return { code: STATUS_CODES.UNAVAILABLE, details: 'the admin service is closed', metadata: new Metadata() };
}
