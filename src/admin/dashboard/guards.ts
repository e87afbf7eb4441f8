import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** Headers of every response. Nothing from outside, nothing inline, nobody's frame. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'cache-control': 'no-store',
};

/** The header that the page sends with changes: another site's page cannot without asking first, and is told no. */
const CHANGE_HEADER = 'x-grpc-breaker-dashboard';

/**
 * Whether a browser that sends this `Host` may be answered. A page of another site that rebinds its name to this address sends its own name; an address
 * cannot be rebound.
 * @param names - further names that may stand there
 */
export function isOwnHost(host: string | undefined, names: readonly string[]): boolean {
  const name = hostName(host ?? '');
  if (name === undefined) return false;
  return (
    isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || names.some((own) => own.toLowerCase() === name)
  );
}

/** The name or address in a `Host` header. */
function hostName(host: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+))(?::\d{1,5})?$/i.exec(host);
  return (match?.[1] ?? match?.[2])?.toLowerCase().replace(/\.$/, '');
}

/**
 * Why a change is not made for this request; undefined where it may be. Browsers say where a request comes from: `Origin`, `Sec-Fetch-Site`; other
 * programs need not, but send the header and JSON as well.
 */
export function crossSiteProblem({ headers }: IncomingMessage): string | undefined {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return `a change comes from the page itself, not from a ${site} request`;
  if (origin !== undefined && originHost(origin) !== host?.toLowerCase())
    return 'a change comes from the page itself, not from another origin';
  if (headers[CHANGE_HEADER] !== '1') return `a change needs the header ${CHANGE_HEADER}: 1`;
  if (!/^application\/json(?:\s*;|$)/i.test(headers['content-type'] ?? '')) return 'a change is application/json';
  return undefined;
}

function originHost(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase();
}
