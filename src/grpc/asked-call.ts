import { Metadata } from '@grpc/grpc-js';
import type { CallRecord } from './call-record.ts';
import { CHANNEL_AUTHORITY, credentialsOf } from './credentials-identity.ts';

/** Keeps what a fallback needs of the request, whose caller may change it afterwards. */
export function keepRequest(call: CallRecord, request: unknown): void {
  const { binding, options, metadata = new Metadata() } = call;
  call.request = request;
  if (binding.fallback?.remembers !== true) return;
  // Behind one address may stand several servers, told apart by the name that they are called by.
  const { host, [CHANNEL_AUTHORITY]: authority } = options as { host?: string; [CHANNEL_AUTHORITY]?: string };
  const name = host ?? authority;
  const target = name === undefined ? binding.target : `${binding.target} ${name}`;
  const asked = { target, metadata, credentials: credentialsOf(options), stubs: options.method_definition, request };
  call.memoryKey = binding.fallback.keyOf(asked);
}
