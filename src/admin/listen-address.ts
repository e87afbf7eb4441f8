/** Where a server listens. */
export interface ListenAddress {
  /** As `net.Server.listen` takes it. */
  readonly listen: { readonly host: string; readonly port: number } | { readonly path: string };
  /** Only processes of this machine reach it. */
  readonly isLocal: boolean;
}

const EXPECTED = "expected 'host:port', such as '127.0.0.1:7070', '[::1]:7070', or 'unix:/path'";

/**
 * Reads an address to listen on.
 * @throws TypeError for one that is none
 */
export function parseListenAddress(address: string): ListenAddress {
  if (address.startsWith('unix:')) {
    const path = address.slice('unix:'.length);
    if (path === '') throw new TypeError(`the admin address "${address}" has no path; ${EXPECTED}`);
    return { listen: { path }, isLocal: true };
  }
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new TypeError(`the admin address "${address}" cannot be read; ${EXPECTED}`);
  const host = match[1] ?? match[2] ?? '';
  // "localhost" is what the resolver says; bound as an address, nobody can make it something else.
  return { listen: { host: host === 'localhost' ? '127.0.0.1' : host, port }, isLocal: isLoopback(host) };
}

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || /^127(?:\.\d{1,3}){3}$/.test(host) || host === '::1' || /^::ffff:127(?:\.\d{1,3}){3}$/i.test(host)
  );
}
