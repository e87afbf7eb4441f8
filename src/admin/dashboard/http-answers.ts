import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from '../../policy/status-codes.ts';
import { AdminError } from '../admin-error.ts';
import type { PageFile } from './page-files.ts';

/** A change fits into this many bytes: reasons are short, names may be long. */
const LONGEST_BODY = 16 * 1_024;

const HTTP: Readonly<Record<number, number>> = {
  [STATUS_CODES.INVALID_ARGUMENT]: 400,
  [STATUS_CODES.UNAUTHENTICATED]: 401,
  [STATUS_CODES.PERMISSION_DENIED]: 403,
  [STATUS_CODES.NOT_FOUND]: 404,
  [STATUS_CODES.FAILED_PRECONDITION]: 409,
  [STATUS_CODES.ABORTED]: 409,
  [STATUS_CODES.RESOURCE_EXHAUSTED]: 429,
  [STATUS_CODES.UNAVAILABLE]: 503,
};

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Answers with an error of ours; another one is a bug, which the page is told nothing of. */
export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (!(error instanceof AdminError)) {
    sendJson(response, 500, { reason: 'BUG', message: 'the dashboard failed; the process has a warning that says why' });
    return;
  }
  const status = HTTP[error.code] ?? 500;
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  sendJson(response, status, { reason: error.reason, message: error.message });
}

/** Answers with a file of the page. */
export function sendFile(request: IncomingMessage, response: ServerResponse, { type, plain, gzip, etag }: PageFile): void {
  const headers = { etag, 'cache-control': 'no-cache', vary: 'accept-encoding' };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const isZipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const body = isZipped ? gzip : plain;
  response.writeHead(200, {
    ...headers,
    'content-type': type,
    'content-length': body.length,
    ...(isZipped && { 'content-encoding': 'gzip' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/**
 * The JSON object in a request's body.
 * @throws AdminError INVALID_ARGUMENT for anything else, and for too much of it
 */
export async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_BODY) throw badBody(`is longer than ${LONGEST_BODY} bytes`);
    chunks.push(chunk);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw badBody('is no JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badBody('is no JSON object');
  return body as Readonly<Record<string, unknown>>;
}

function badBody(what: string): AdminError {
  return new AdminError('INVALID_ARGUMENT', 'BAD_BODY', `the body ${what}`);
}
