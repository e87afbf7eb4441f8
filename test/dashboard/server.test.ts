import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DashboardOptions } from '../../src/admin/dashboard/dashboard-options.ts';
import { isOwnHost } from '../../src/admin/dashboard/guards.ts';
import { askDashboard, changeHeaders } from './helpers/browserless.ts';
import { READ_TOKEN, type Shown, show, WRITE_TOKEN } from './helpers/shown.ts';
import { type Model, World } from './helpers/world.ts';

const TOKENS = { read: READ_TOKEN, write: WRITE_TOKEN };
const IRIS: Model = { target: 'a:8001', name: 'iris', health: () => ({ rate: 20 }) };
const NAME = World.nameOf(IRIS);

async function started(options: DashboardOptions = {}): Promise<Shown> {
  const shown = await show([IRIS], options);
  onTestFinished(() => shown.close());
  await shown.world.pass(1_000);
  return shown;
}

const body = (more: object = {}): string => JSON.stringify({ name: NAME, action: 'forceOpen', reason: 'drill', ...more });

describe('the server of the dashboard', () => {
  it('sends every answer with a policy that lets nothing in from outside', async () => {
    const { dashboard } = await started();
    for (const path of ['/', '/main.js', '/style.css', '/uPlot.esm.js', '/api/session', '/nothing']) {
      const { headers } = await askDashboard(dashboard, path);
      expect(headers['content-security-policy'], path).toMatch(
        /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'$/,
      );
      expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|data:|http/);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
      });
    }
  });

  it.each(['/../dashboard-server.ts', '/%2e%2e/ring.ts', '/page/main.js', '/api/breakers/0x1', '/constructor', '//etc/passwd'])(
    'serves nothing but its files: %s',
    async (path) => {
      const { dashboard } = await started();
      expect((await askDashboard(dashboard, path)).status).toBe(404);
    },
  );

  it.each(['evil.example', 'evil.example:80', 'localhost.evil.example', 'a b', '127.0.0.1.nip.io'])(
    'answers no page that was rebound to it: Host %j',
    async (host) => {
      const { dashboard, audited } = await started({ writesWithoutToken: true });
      const headers = { ...changeHeaders(dashboard), host, origin: `http://${host}` };
      expect((await askDashboard(dashboard, '/', { headers: { host } })).status).toBeGreaterThanOrEqual(400);
      expect(
        (await askDashboard(dashboard, '/api/change', { method: 'POST', headers, body: body() })).status,
      ).toBeGreaterThanOrEqual(400);
      expect(audited).toEqual([]);
    },
  );

  it('makes no warning of somebody who goes away while sending', async () => {
    const { dashboard, warnings } = await started({ writesWithoutToken: true });
    const headers = { ...changeHeaders(dashboard), 'content-length': '1000' };
    const socket = connect(dashboard.port, '127.0.0.1');
    const head = Object.entries({ host: `127.0.0.1:${dashboard.port}`, ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.write(`POST /api/change HTTP/1.1\r\n${head.join('')}\r\n{`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.resetAndDestroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(warnings).toEqual([]);
  });

  it('answers HEAD of live pages at once, and keeps no place for it', async () => {
    const { dashboard } = await started({ maxPages: 1 });
    for (let asked = 0; asked < 3; asked++) {
      expect((await askDashboard(dashboard, '/api/live', { method: 'HEAD' })).status).toBe(200);
    }
  });

  it('answers nobody without a Host', () => {
    expect([isOwnHost(undefined, []), isOwnHost('', []), isOwnHost(':80', [''])]).toEqual([false, false, false]);
  });

  it.each(['localhost:1234', '127.0.0.1', '[::1]:7071', 'breakers.internal'])('answers to its own names: %s', async (host) => {
    const { dashboard } = await started({ hosts: ['Breakers.internal'] });
    expect((await askDashboard(dashboard, '/', { headers: { host } })).status).toBe(200);
  });

  it('shows nothing without a token where there are tokens, and takes changes with the write token alone', async () => {
    const { dashboard, world, audited } = await started({ tokens: TOKENS });
    for (const path of ['/api/session', '/api/live', '/api/breakers/1']) {
      expect((await askDashboard(dashboard, path)).status, path).toBe(401);
      expect((await askDashboard(dashboard, path, { headers: { authorization: 'Bearer not-the-right-token' } })).status).toBe(
        401,
      );
      expect((await askDashboard(dashboard, `${path}?token=${WRITE_TOKEN}`)).status).toBe(401);
    }
    const change = (token?: string) =>
      askDashboard(dashboard, '/api/change', { method: 'POST', headers: changeHeaders(dashboard, token), body: body() });
    expect((await change()).status).toBe(401);
    expect((await change(READ_TOKEN)).status).toBe(403);
    expect(world.breakers.get(NAME)?.snapshot().override).toBeNull();
    expect((await change(WRITE_TOKEN)).status).toBe(200);
    expect(world.breakers.get(NAME)?.snapshot().override).toBe('forcedOpen');
    expect(audited).toMatchObject([
      { action: 'ForceOpen', token: 'read', result: 'refused' },
      { action: 'ForceOpen', token: 'write', result: 'done', breaker: NAME, reason: 'drill', expiryMs: 900_000 },
    ]);
  });

  it('without tokens, only shows', async () => {
    const { dashboard, audited } = await started();
    expect(JSON.parse((await askDashboard(dashboard, '/api/session')).text)).toMatchObject({
      mayWrite: false,
      needsToken: false,
    });
    const refused = await askDashboard(dashboard, '/api/change', {
      method: 'POST',
      headers: changeHeaders(dashboard),
      body: body(),
    });
    expect(refused.status).toBe(403);
    expect(audited).toMatchObject([{ result: 'refused', token: 'none' }]);
  });

  it.each([
    ['another origin', { origin: 'http://evil.example' }],
    ['the same address at another port', { origin: 'http://127.0.0.1:1' }],
    ['no origin that can be read', { origin: 'null' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['the same site', { 'sec-fetch-site': 'same-site' }],
    ['an address that was typed', { 'sec-fetch-site': 'none' }],
    ['a form', { 'content-type': 'text/plain' }],
    ['without its header', { 'x-grpc-breaker-dashboard': '' }],
  ])('takes no change that comes from %s', async (_, headers) => {
    const { dashboard, audited } = await started({ writesWithoutToken: true });
    const all = { ...changeHeaders(dashboard), ...headers };
    expect((await askDashboard(dashboard, '/api/change', { method: 'POST', headers: all, body: body() })).status).toBe(403);
    expect(audited).toEqual([]);
    expect((await askDashboard(dashboard, '/api/change', { method: 'GET', headers: changeHeaders(dashboard) })).status).toBe(405);
  });

  it.each([
    [{ reason: '' }, 400, 'reason is missing'],
    [{ reason: 7 }, 400, 'reason is no text'],
    [{ expiryMs: 'soon' }, 400, 'expiryMs is no number'],
    [{ expiryMs: 1e12 }, 400, 'at most'],
    [{ action: 'explode' }, 400, 'expected forceOpen'],
    [{ action: 'setMode', mode: 'loud' }, 400, 'expected enforce'],
    [{ name: 'nobody' }, 404, 'there is no breaker'],
    [{ reason: 'x'.repeat(20_000) }, 400, 'longer'],
  ])('refuses %j with a sentence', async (more, status, message) => {
    const { dashboard } = await started({ tokens: TOKENS });
    const headers = changeHeaders(dashboard, WRITE_TOKEN);
    const answer = await askDashboard(dashboard, '/api/change', { method: 'POST', headers, body: body(more) });
    expect({ status: answer.status, text: answer.text }).toEqual({ status, text: expect.stringContaining(message) });
  });

  it('does each change, and lets it end by itself', async () => {
    const { dashboard, world } = await started({ tokens: TOKENS });
    const change = async (more: object) => {
      const headers = { ...changeHeaders(dashboard, WRITE_TOKEN), 'x-grpc-breaker-user': 'mira' };
      expect((await askDashboard(dashboard, '/api/change', { method: 'POST', headers, body: body(more) })).status).toBe(200);
      return world.breakers.get(NAME)?.snapshot();
    };
    expect(await change({ action: 'forceClosed' })).toMatchObject({
      override: 'forcedClosed',
      overrideReason: expect.stringContaining('by mira'),
    });
    expect(await change({ action: 'release' })).toMatchObject({ override: null });
    expect(await change({ action: 'setMode', mode: 'observe', expiryMs: 5_000 })).toMatchObject({ mode: 'observe' });
    expect(await change({ action: 'forceOpen', expiryMs: 3_000 })).toMatchObject({
      override: 'forcedOpen',
      overrideEndsInMs: 3_000,
    });
    world.clock.advance(3_001);
    expect(world.breakers.get(NAME)?.snapshot()).toMatchObject({ override: null, mode: 'observe' });
    world.clock.advance(2_000);
    expect(world.breakers.get(NAME)?.snapshot()).toMatchObject({ mode: 'enforce' });
    await change({ action: 'forceOpen' });
    expect(await change({ action: 'reset' })).toMatchObject({ state: 'closed', override: null });
  });
});
