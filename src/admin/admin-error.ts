import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { PackedDetail } from '../policy/rich-status.ts';
import { STATUS_CODES } from '../policy/status-codes.ts';

/** One thing that is wrong with a request. */
export interface FieldProblem {
  /** The field, by its name in admin.proto. */
  readonly field: string;
  /** What was wrong, and what was expected. */
  readonly description: string;
}

/** A request that is refused, with the gRPC status that tells why. */
export class AdminError extends Error {
  override readonly name = 'AdminError';
  /** The gRPC status code. */
  readonly code: number;
  /** Why, for machines, in google.rpc.ErrorInfo: `BREAKER_NOT_FOUND` and the like. */
  readonly reason: string;
  /** What goes with it there. */
  readonly info: Readonly<Record<string, string>>;
  /** The fields that are to blame, for google.rpc.BadRequest. */
  readonly fields: readonly FieldProblem[];

  constructor(
    status: keyof typeof STATUS_CODES,
    reason: string,
    message: string,
    more: { readonly info?: Readonly<Record<string, string>>; readonly fields?: readonly FieldProblem[] } = {},
  ) {
    super(message);
    this.code = STATUS_CODES[status];
    this.reason = reason;
    this.info = more.info ?? {};
    this.fields = more.fields ?? [];
  }
}

/** A request with a field that cannot be used. */
export function invalidField(field: string, description: string): AdminError {
  return new AdminError('INVALID_ARGUMENT', 'INVALID_FIELD', `${field} ${description}`, { fields: [{ field, description }] });
}

/** google.rpc.BadRequest: repeated FieldViolation field_violations = 1 { string field = 1, string description = 2 }. */
export function badRequest(fields: readonly FieldProblem[]): PackedDetail {
  const writer = new BinaryWriter();
  for (const { field, description } of fields) {
    writer.uint32(10).fork().uint32(10).string(field).uint32(18).string(description).join();
  }
  return { type: 'google.rpc.BadRequest', value: writer.finish() };
}
