// Who we are to the server. The token is kept for this tab only, and goes into a header, never into an address.

const KEY = 'grpc-breaker-token';
const USER_KEY = 'grpc-breaker-user';

/** An answer of the server that refuses. */
export class Refused extends Error {
  constructor(status, reason, message) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

export class Session {
  /** What the server says of us; undefined before it was asked. */
  facts;
  #token = sessionStorage.getItem(KEY) ?? '';

  get hasToken() {
    return this.#token !== '';
  }

  /** The name that was given last. */
  get user() {
    return sessionStorage.getItem(USER_KEY) ?? '';
  }

  /** Takes another token, or none. */
  use(token) {
    this.#token = token;
    if (token === '') sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, token);
  }

  /** Asks who we are. @throws Refused */
  async ask() {
    this.facts = await this.get('/api/session');
    return this.facts;
  }

  /** Whether a token would be accepted, and what for; nothing is kept. @throws Refused */
  async look(token) {
    return answered(await fetch('/api/session', { headers: bearer(token), ...PLAIN }));
  }

  /** JSON from the server. @throws Refused */
  async get(path, signal) {
    return answered(await fetch(path, { headers: bearer(this.#token), signal, ...PLAIN }));
  }

  /** The stream of news. @throws Refused */
  async stream(signal) {
    const response = await fetch('/api/live', {
      headers: { accept: 'text/event-stream', ...bearer(this.#token) },
      signal,
      ...PLAIN,
    });
    if (!response.ok) await answered(response);
    return response.body;
  }

  /** Asks for a change. @throws Refused */
  async change(body, user) {
    // A header takes no more than this; who it is, is a courtesy to those who read the log.
    const who = user.replaceAll(/[^\x20-\x7e]/g, '?').trim();
    sessionStorage.setItem(USER_KEY, user);
    const headers = {
      ...(who !== '' && { 'x-grpc-breaker-user': who }),
      'content-type': 'application/json',
      'x-grpc-breaker-dashboard': '1',
      ...bearer(this.#token),
    };
    return answered(await fetch('/api/change', { method: 'POST', headers, body: JSON.stringify(body), ...PLAIN }));
  }
}

const PLAIN = { credentials: 'omit', cache: 'no-store', redirect: 'error', referrerPolicy: 'no-referrer' };

function bearer(token) {
  return token === '' ? {} : { authorization: `Bearer ${token}` };
}

async function answered(response) {
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  throw new Refused(response.status, body.reason ?? '', body.message ?? `the server said ${response.status}`);
}
