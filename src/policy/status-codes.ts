/** gRPC status codes by name (https://grpc.io/docs/guides/status-codes/), so that policy needs no gRPC library. */
export const STATUS_CODES = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** A gRPC status code by its name. */
export type StatusName = keyof typeof STATUS_CODES;

const NAMES = Object.keys(STATUS_CODES) as StatusName[];

/** The name of a status code, such as `UNAVAILABLE`; `CODE_99` for one that gRPC does not define. */
export function statusName(code: number): string {
  return NAMES[code] ?? `CODE_${code}`;
}

/** The status codes that say that the dependency is sick; every other one proves that it answers. */
export const DEFAULT_FAILURE_CODES: readonly StatusName[] = [
  'DEADLINE_EXCEEDED',
  'UNAVAILABLE',
  'INTERNAL',
  'UNKNOWN',
  'RESOURCE_EXHAUSTED',
  'DATA_LOSS',
];
