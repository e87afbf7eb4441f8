/** google.protobuf.Duration or Timestamp, as proto-loader takes it. */
export interface ProtoTime {
  readonly seconds: number;
  readonly nanos: number;
}

/** The longest Duration, https://protobuf.dev/reference/protobuf/google.protobuf/#duration. */
const MAX_SECONDS = 315_576_000_000;

/** A time of milliseconds; undefined for an endless or unknown one. */
export function protoTime(ms: number | undefined): ProtoTime | undefined {
  if (ms === undefined || !Number.isFinite(ms)) return undefined;
  const micros = Math.round(ms * 1_000);
  const seconds = Math.trunc(micros / 1e6);
  return { seconds, nanos: (micros - seconds * 1e6) * 1_000 };
}

/** Milliseconds of a Duration that was sent; undefined for none, NaN for one that is none. */
export function durationMs(sent: { seconds?: unknown; nanos?: unknown } | null | undefined): number | undefined {
  if (sent === null || sent === undefined) return undefined;
  const seconds = Number(sent.seconds ?? 0);
  const nanos = Number(sent.nanos ?? 0);
  const isValid = Math.abs(seconds) <= MAX_SECONDS && Math.abs(nanos) < 1e9 && seconds * nanos >= 0;
  return isValid ? seconds * 1_000 + nanos / 1e6 : Number.NaN;
}
