import { request } from 'node:http';
import type { Dashboard } from '../../../src/admin/dashboard/dashboard-options.ts';

/** An answer over HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Asks a dashboard with exactly these headers, as no browser and no fetch would let us. */
export function askDashboard(
  { port }: Dashboard,
  path: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
}

/** Headers of a change as the page sends it. */
export function changeHeaders({ port }: Dashboard, token?: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'x-grpc-breaker-dashboard': '1',
    origin: `http://127.0.0.1:${port}`,
    'sec-fetch-site': 'same-origin',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
}
