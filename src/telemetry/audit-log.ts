import * as otel from '@opentelemetry/api';
import { SCOPE_NAME, SCOPE_VERSION } from './scope.ts';

// The logs API came with 1.10 of the API package; a named import of it breaks on 1.9.
const { logs, SeverityNumber } = otel as Partial<typeof otel>;

/** The log event of a change that a person asked for. */
const AUDIT_EVENT = 'grpc_breaker.admin.change';

/** A change that a person asked for. */
export interface AuditedChange {
  readonly token: string;
  readonly peer: string;
  readonly user: string;
  readonly action: string;
  readonly breaker: string;
  readonly reason: string;
  readonly expiryMs: number | undefined;
  readonly mode?: string | undefined;
  readonly result: 'done' | 'refused';
  readonly problem: string;
}

/** Tells a change as a log event, in the trace of its caller where there is one. */
export function logChange(change: AuditedChange): void {
  if (logs === undefined || SeverityNumber === undefined) return;
  const { action, breaker, reason, result, problem, user, token, peer, expiryMs, mode } = change;
  const isRefused = result === 'refused';
  const who = user === '' ? peer : `${user} (${peer})`;
  logs.getLogger(SCOPE_NAME, SCOPE_VERSION).emit({
    eventName: AUDIT_EVENT,
    severityNumber: isRefused ? SeverityNumber.WARN : SeverityNumber.INFO,
    severityText: isRefused ? 'WARN' : 'INFO',
    body: `${breaker === '' ? action : `${action} ${breaker}`} by ${who}: ${isRefused ? `refused: ${problem}` : reason}`,
    attributes: {
      'grpc_breaker.admin.action': action,
      'grpc_breaker.admin.reason': reason,
      'grpc_breaker.admin.result': result,
      'grpc_breaker.admin.token': token,
      'grpc_breaker.admin.user': user,
      'network.peer.address': peer,
      ...(breaker === '' ? {} : { 'grpc_breaker.circuit_breaker.name': breaker }),
      ...(expiryMs === undefined ? {} : { 'grpc_breaker.admin.expiry': expiryMs / 1_000 }),
      ...(mode === undefined ? {} : { 'grpc_breaker.circuit_breaker.mode': mode }),
      ...(problem === '' ? {} : { 'error.message': problem }),
    },
  });
}
