import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { WarningHandler } from '../../policy/ports.ts';
import type { Access, Admitted } from '../access.ts';
import { AdminError, invalidField } from '../admin-error.ts';
import type { Steering } from '../steering.ts';
import { crossSiteProblem, isOwnHost, SECURITY_HEADERS } from './guards.ts';
import { readBody, sendError, sendFile, sendJson } from './http-answers.ts';
import type { Observatory } from './observatory.ts';
import { makeChange } from './page-changes.ts';
import type { PageFile } from './page-files.ts';
import type { PageHub } from './page-hub.ts';

/** What requests are answered with. */
export interface ServerParts {
  readonly access: Access;
  readonly steering: Steering;
  readonly observatory: Observatory;
  readonly hub: PageHub;
  readonly files: ReadonlyMap<string, PageFile>;
  /** Host names besides addresses and `localhost`. */
  readonly hosts: readonly string[];
  readonly jaegerUrl: string | undefined;
  /** Whether somebody without a token may change something: a browser is everybody's, so this is asked for by itself. */
  readonly writesWithoutToken: boolean;
  readonly onWarning: WarningHandler;
}

/** Answers the requests of pages. */
export function dashboardListener(parts: ServerParts): RequestListener {
  return (request, response) => {
    const answered = async (): Promise<void> => {
      try {
        await answer(parts, request, response);
      } catch (error) {
        // Who went away while sending is no mistake of ours.
        if (!(error instanceof AdminError) && request.errored === null)
          parts.onWarning('a request of the dashboard failed', error);
        sendError(response, error);
      }
    };
    void answered();
  };
}

async function answer(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  response.on('error', () => {});
  if (!isOwnHost(request.headers.host, parts.hosts)) {
    sendJson(response, 421, {
      reason: 'UNKNOWN_HOST',
      message: 'this is not the host name of the dashboard; see its option hosts',
    });
    return;
  }
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const { method } = request;
  if (path === '/api/change') {
    await change(parts, request, response);
    return;
  }
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    sendJson(response, 405, { reason: 'METHOD', message: 'expected GET' });
    return;
  }
  const file = parts.files.get(path);
  if (file !== undefined) sendFile(request, response, file);
  else look(parts, path, request, response);
}

function look(
  { hub, observatory, jaegerUrl, ...parts }: ServerParts,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const id = /^\/api\/breakers\/(\d{1,9})$/.exec(path)?.[1];
  if (path !== '/api/session' && path !== '/api/live' && id === undefined) {
    sendJson(response, 404, { reason: 'NOT_FOUND', message: 'there is nothing here' });
    return;
  }
  // Another site's page cannot read the answers, but need not make work either.
  const site = request.headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site')
    throw new AdminError('PERMISSION_DENIED', 'CROSS_SITE', 'only the page itself may ask');
  const caller = callerOf(parts, request);
  if (id !== undefined) {
    const page = observatory.page(Number(id));
    if (page === undefined) throw new AdminError('NOT_FOUND', 'BREAKER_NOT_FOUND', 'there is no such breaker any more');
    sendJson(response, 200, page);
  } else if (path === '/api/session') {
    sendJson(response, 200, {
      mayWrite: caller.permission === 'write',
      needsToken: parts.access.needsToken,
      token: caller.token,
      jaegerUrl: jaegerUrl ?? null,
    });
  } else if (!hub.hasRoom) {
    throw new AdminError('UNAVAILABLE', 'TOO_MANY_PAGES', 'too many pages look at this dashboard; close one');
  } else {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    hub.add(response);
  }
}

async function change(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST');
    sendJson(response, 405, { reason: 'METHOD', message: 'expected POST' });
    return;
  }
  const problem = crossSiteProblem(request);
  if (problem !== undefined) throw new AdminError('PERMISSION_DENIED', 'CROSS_SITE', problem);
  const caller = callerOf(parts, request);
  const body = await readBody(request);
  if (!('name' in body)) throw invalidField('name', 'is missing');
  makeChange(parts.steering, caller, body);
  sendJson(response, 200, {});
}

function callerOf(
  { access, writesWithoutToken }: Pick<ServerParts, 'access' | 'writesWithoutToken'>,
  { headers, socket }: IncomingMessage,
): Admitted {
  const user = headers['x-grpc-breaker-user'];
  const caller = access.identify({
    authorization: headers.authorization,
    user: typeof user === 'string' ? user : undefined,
    peer: `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`,
  });
  return caller.token === 'none' && !writesWithoutToken ? { ...caller, permission: 'read' } : caller;
}
