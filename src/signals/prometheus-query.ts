import { readAnswer, readError, type Sample } from './prometheus-answer.ts';

/** Headers of a query, or a function that gives them anew for each, such as a token that changes. */
export type QueryHeaders =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);

/** An answer longer than this is refused, in bytes. */
const MAX_ANSWER = 4 * 1024 * 1024;

/**
 * Asks a server once, and gives up after so many milliseconds, whatever it is that hangs.
 * @param url - the server, without `/api/v1`
 * @param query - PromQL
 * @param headers - sent besides
 * @param withinMs - how long it may take
 * @param stopped - ends it early
 * @throws with a text for people when there is no answer with a number
 */
export async function askPrometheus(
  url: string,
  query: string,
  headers: QueryHeaders,
  withinMs: number,
  stopped: AbortSignal,
): Promise<Sample[]> {
  // Not AbortSignal.any: it would hang one more thing on `stopped`, which lives for as long as the process, at each query.
  const attempt = new AbortController();
  const abort = () => attempt.abort();
  const timer = setTimeout(abort, withinMs).unref();
  stopped.addEventListener('abort', abort);
  const givenUp = new Promise<never>((_resolve, reject) => {
    attempt.signal.addEventListener('abort', () => reject(new Error(`no answer within ${withinMs} ms`)));
  });
  try {
    // A race, because the headers are code of the user's, which heeds no signal.
    return await Promise.race([givenUp, ask(url, query, headers, withinMs, attempt.signal)]);
  } finally {
    clearTimeout(timer);
    stopped.removeEventListener('abort', abort);
  }
}

async function ask(url: string, query: string, headers: QueryHeaders, withinMs: number, signal: AbortSignal): Promise<Sample[]> {
  const own = asHeaders(typeof headers === 'function' ? await headers() : headers);
  const response = await fetch(endpoint(url), {
    method: 'POST',
    // It need not work longer on it than we wait.
    body: new URLSearchParams({ query, timeout: `${Math.ceil(withinMs)}ms` }),
    headers: own,
    // A redirect is a login page, or would take the headers elsewhere.
    redirect: 'manual',
    signal,
  }).catch((error: unknown) => {
    throw new Error(`Prometheus cannot be reached: ${reasonOf(error)}`, { cause: error });
  });
  const text = await readBody(response);
  if (response.ok) return readAnswer(text);
  throw new Error(`Prometheus answers with HTTP status ${response.status}${readError(text)}`);
}

function endpoint(url: string): URL {
  const at = new URL(url);
  at.pathname = `${at.pathname.replace(/\/+$/, '')}/api/v1/query`;
  return at;
}

async function readBody(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      length += chunk.byteLength;
      if (length > MAX_ANSWER) break; // cancels the rest
      text += decoder.decode(chunk, { stream: true });
    }
  } catch (error) {
    throw new Error(`the answer broke off: ${reasonOf(error)}`, { cause: error });
  }
  if (length > MAX_ANSWER) throw new Error(`an answer of over ${MAX_ANSWER / 1024 / 1024} MB`);
  return text + decoder.decode();
}

/** What fetch says of headers that it refuses quotes them, and they are secret. */
function asHeaders(given: Readonly<Record<string, string>>): Headers {
  try {
    return new Headers({ accept: 'application/json', ...given });
  } catch {
    throw new Error('the headers cannot be sent: a name or a value has characters that HTTP forbids');
  }
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const { message, code } = ((error as Error).cause ?? error) as { message?: string; code?: string };
  return message || code || 'no connection';
}
