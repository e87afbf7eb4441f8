import type { InterceptorOptions } from '@grpc/grpc-js';
import { propagate } from '@grpc/grpc-js';

type Deadline = InterceptorOptions['deadline'];

function toEpochMs(deadline: Deadline): number {
  return deadline === undefined ? Infinity : Number(deadline);
}

/** A call's deadline as its caller set it: the earlier of its own and, where it is passed on, its parent's. In milliseconds since 1970, Infinity for none. */
export function callersDeadline(options: InterceptorOptions): number {
  const own = toEpochMs(options.deadline);
  const { parent } = options;
  if (parent === undefined || parent === null) return own;
  const flags = options.propagate_flags ?? propagate.DEFAULTS;
  return (flags & propagate.DEADLINE) === 0 ? own : Math.min(own, toEpochMs(parent.getDeadline()));
}
