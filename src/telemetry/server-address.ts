/** Where a client's calls go, as far as its target says. */
export interface ServerAddress {
  /** Host name, IP address, path of a socket, or name of a service. */
  readonly address: string;
  /** Undefined where the target names none. */
  readonly port: number | undefined;
}

const KNOWN_SCHEME = /^(dns|ipv4|ipv6|unix|unix-abstract|xds|passthrough):(.*)$/s;
const ANY_SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):(\/\/.*)$/s;
const AUTHORITY = /^\/\/[^/]*\/?/;
const HOST_AND_PORT = /^(?:\[([^\]]+)\]|([^:,]+))(?::(\d{1,5}))?$/;

/** Reads a gRPC target (https://github.com/grpc/grpc/blob/master/doc/naming.md). Undefined where it names nothing. */
export function parseTarget(target: string): ServerAddress | undefined {
  const [, scheme = '', rest = target] = KNOWN_SCHEME.exec(target) ?? ANY_SCHEME.exec(target) ?? [];
  const isSocket = scheme.startsWith('unix');
  // unix:///path is an absolute path: the third slash belongs to it.
  const name = isSocket ? rest.replace(/^\/\/(?=\/)/, '') : rest.replace(AUTHORITY, '');
  if (name === '') return undefined;
  const [, ipv6, host, port] = (isSocket ? null : HOST_AND_PORT.exec(name)) ?? [];
  // Several addresses, or IPv6 without brackets: as it stands.
  return { address: ipv6 ?? host ?? name, port: port === undefined ? undefined : Number(port) };
}
