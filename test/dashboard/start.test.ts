import { get } from 'node:https';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AuditRecord } from '../../src/admin/index.ts';
import { startAdmin } from '../../src/start-admin.ts';
import { startDashboard } from '../../src/start-dashboard.ts';
import { selfSigned } from '../grpc/helpers/self-signed.ts';
import { askDashboard, changeHeaders } from './helpers/browserless.ts';
import { READ_TOKEN, WRITE_TOKEN } from './helpers/shown.ts';
import { World } from './helpers/world.ts';

const TOKENS = { read: READ_TOKEN, write: WRITE_TOKEN };

describe('startDashboard', () => {
  const { breakers } = new World([]);

  it('is not reached by others without protection', async () => {
    await expect(startDashboard(breakers, { address: '0.0.0.0:0' })).rejects.toThrow('without protection');
    const dashboard = await startDashboard(breakers, { address: '0.0.0.0:0', tokens: TOKENS });
    onTestFinished(() => dashboard.close());
    expect(dashboard.url).toBe(`http://localhost:${dashboard.port}/`);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'jaeger', 'file:///etc'])('links to no Jaeger at %s', async (jaegerUrl) => {
    await expect(startDashboard(breakers, { address: '127.0.0.1:0', jaegerUrl })).rejects.toThrow('http or https');
  });

  it('beside the admin service, lets nobody change anything without a token, though programs of this machine may over gRPC', async () => {
    const audited: AuditRecord[] = [];
    const onAudit = (record: AuditRecord) => void audited.push(record);
    const admin = await startAdmin(breakers, { address: '127.0.0.1:0', dashboard: { address: '127.0.0.1:0' }, onAudit });
    onTestFinished(() => admin.close());
    const { url = '', port = 0 } = admin.dashboard ?? {};
    const dashboard = { url, port, close: () => admin.close() };
    expect(JSON.parse((await askDashboard(dashboard, '/api/session')).text)).toMatchObject({ mayWrite: false });
    const body = JSON.stringify({ name: 'any', action: 'forceOpen', reason: 'drill' });
    const headers = changeHeaders(dashboard);
    expect((await askDashboard(dashboard, '/api/change', { method: 'POST', headers, body })).status).toBe(403);
    expect(audited).toMatchObject([{ action: 'ForceOpen', result: 'refused', token: 'none' }]);
  });

  it('says what to do about a port that is taken', async () => {
    const first = await startDashboard(breakers, { address: '127.0.0.1:0' });
    onTestFinished(() => first.close());
    await expect(startDashboard(breakers, { address: `127.0.0.1:${first.port}` })).rejects.toThrow('another process has it');
  });

  it('is served by TLS, and then to others too', async () => {
    const { key, certificate: cert } = selfSigned();
    const dashboard = await startDashboard(breakers, { address: '0.0.0.0:0', tls: { key, cert } });
    onTestFinished(() => dashboard.close());
    expect(dashboard.url).toBe(`https://localhost:${dashboard.port}/`);
    const status = await new Promise((resolve, reject) => {
      const request = get({ host: '127.0.0.1', port: dashboard.port, ca: cert, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
    });
    expect(status).toBe(200);
  });
});
