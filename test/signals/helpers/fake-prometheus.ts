import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What Prometheus sends, or does, for a query. */
export type Reply = (response: ServerResponse, query: string) => void;

/** A query as it arrived. */
export interface ReceivedQuery {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly form: URLSearchParams;
}

/** A server that plays Prometheus, badly if it is told to. */
export interface FakePrometheus {
  readonly url: string;
  /** What the next queries get. */
  reply: Reply;
  readonly queries: ReceivedQuery[];
  /** The most queries that were under way at the same time. */
  readonly mostAtOnce: number;
  close(): Promise<void>;
}

/** Answers with a JSON text. */
export function json(body: unknown, status = 200): Reply {
  return text(JSON.stringify(body), status, 'application/json');
}

/** Answers with any text. */
export function text(body: string, status = 200, type = 'text/plain'): Reply {
  return (response) => response.writeHead(status, { 'content-type': type }).end(body);
}

/** A vector of these values, evaluated now or so many seconds ago. */
export function vector(values: readonly (string | number)[], ageSeconds = 0): object {
  const seconds = Date.now() / 1000 - ageSeconds;
  const result = values.map((value, index) => ({ metric: { replica: String(index) }, value: [seconds, String(value)] }));
  return { status: 'success', data: { resultType: 'vector', result } };
}

/** Answers with a vector, evaluated when it is asked. */
export function values(...given: (string | number)[]): Reply {
  return (response, query) => json(vector(given))(response, query);
}

/** Never answers. */
export const hang: Reply = () => {};

/** Starts one on a free port. */
export async function startFakePrometheus(reply: Reply): Promise<FakePrometheus> {
  let underWay = 0;
  let mostAtOnce = 0;
  const queries: ReceivedQuery[] = [];
  const server = createServer((request, response) => {
    mostAtOnce = Math.max(mostAtOnce, ++underWay);
    response.once('close', () => underWay--);
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const form = new URLSearchParams(body);
      queries.push({ method: request.method, path: request.url, headers: request.headers, form });
      fake.reply(response, form.get('query') ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reply,
    queries,
    get mostAtOnce() {
      return mostAtOnce;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}
