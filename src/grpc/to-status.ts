import { status as Status } from '@grpc/grpc-js';

/** The status code of a number; UNKNOWN for one that gRPC does not define. */
export function toStatus(code: number): Status {
  return Status[Status[code] as keyof typeof Status] ?? Status.UNKNOWN;
}
