import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** Why something failed, for machines: google.rpc.ErrorInfo. */
export interface ErrorInfo {
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A message of any type, packed. */
export interface PackedDetail {
  /** The full name of its type, such as `google.rpc.Help`. */
  readonly type: string;
  readonly value: Uint8Array;
}

/** What a google.rpc.Status says, https://google.aip.dev/193. */
export interface RichStatus {
  readonly code: number;
  readonly message: string;
  readonly errorInfo?: ErrorInfo | undefined;
  /** As google.rpc.RetryInfo, in milliseconds. */
  readonly retryDelayMs?: number | undefined;
  readonly details?: readonly PackedDetail[];
}

/** The metadata entry that carries a google.rpc.Status beside a gRPC status. */
export const STATUS_DETAILS = 'grpc-status-details-bin';

/** A google.rpc.Status in wire format: int32 code = 1, string message = 2, repeated google.protobuf.Any details = 3. */
export function encodeStatus({ code, message, errorInfo, retryDelayMs, details = [] }: RichStatus): Uint8Array {
  const writer = new BinaryWriter();
  if (code !== 0) writer.uint32(8).int32(code);
  if (message !== '') writer.uint32(18).string(message);
  if (errorInfo !== undefined) any(writer, 'google.rpc.ErrorInfo', encodeErrorInfo(errorInfo));
  if (retryDelayMs !== undefined) any(writer, 'google.rpc.RetryInfo', encodeRetryInfo(retryDelayMs));
  for (const { type, value } of details) any(writer, type, value);
  return writer.finish();
}

/** google.protobuf.Any: string type_url = 1, bytes value = 2. */
function any(writer: BinaryWriter, type: string, value: Uint8Array): void {
  writer.uint32(26).fork().uint32(10).string(`type.googleapis.com/${type}`).uint32(18).bytes(value).join();
}

/** string reason = 1, string domain = 2, map<string, string> metadata = 3. */
function encodeErrorInfo({ reason, domain, metadata }: ErrorInfo): Uint8Array {
  const writer = new BinaryWriter().uint32(10).string(reason).uint32(18).string(domain);
  for (const [key, value] of Object.entries(metadata)) {
    writer.uint32(26).fork().uint32(10).string(key).uint32(18).string(value).join();
  }
  return writer.finish();
}

/** google.protobuf.Duration retry_delay = 1: int64 seconds = 1, int32 nanos = 2. */
function encodeRetryInfo(delayMs: number): Uint8Array {
  const wholeMs = Math.ceil(delayMs);
  const seconds = Math.floor(wholeMs / 1_000);
  const writer = new BinaryWriter().uint32(10).fork();
  if (seconds > 0) writer.uint32(8).int64(seconds);
  if (wholeMs % 1_000 > 0) writer.uint32(16).int32((wholeMs % 1_000) * 1e6);
  return writer.join().finish();
}
