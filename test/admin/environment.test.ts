import { describe, expect, it, onTestFinished } from 'vitest';
import { createBreakers } from '../../src/index.ts';
import { startAdminFromEnvironment } from '../../src/start-admin.ts';
import { AdminClient } from './helpers/admin-client.ts';

const WRITE = 'write-0123456789abcdef';

async function startWith(environment: Record<string, string>) {
  const breakers = createBreakers({}, { telemetry: false });
  const warnings: string[] = [];
  const admin = await startAdminFromEnvironment(breakers, environment, (message) => warnings.push(message));
  onTestFinished(async () => {
    await admin?.close();
    breakers.dispose();
  });
  return { admin, warnings };
}

describe('the environment', () => {
  it('starts nothing by itself', async () => {
    expect(await startWith({})).toEqual({ admin: undefined, warnings: [] });
    expect(await startWith({ GRPC_BREAKER_ADMIN: '' })).toEqual({ admin: undefined, warnings: [] });
  });

  it('starts the service, with tokens', async () => {
    const { admin } = await startWith({
      ...{ GRPC_BREAKER_ADMIN: '127.0.0.1:0', GRPC_BREAKER_ADMIN_WRITE_TOKEN: WRITE, GRPC_BREAKER_ADMIN_READ_TOKEN: '' },
    });
    const client = new AdminClient(admin?.address ?? '', { token: WRITE });
    onTestFinished(() => client.close());
    expect(await client.call('List')).toMatchObject({ total_size: 0 });
  });

  it('starts the dashboard with it, and ends both', async () => {
    const { admin, warnings } = await startWith({
      GRPC_BREAKER_ADMIN: '127.0.0.1:0',
      GRPC_BREAKER_ADMIN_DASHBOARD: '127.0.0.1:0',
    });
    const url = admin?.dashboard?.url ?? '';
    expect((await fetch(url)).status).toBe(200);
    await admin?.close();
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    expect(warnings).toEqual([]);
  });

  it('with a dashboard that cannot be starts neither', async () => {
    const { admin } = await startWith({ GRPC_BREAKER_ADMIN: '127.0.0.1:0' });
    const taken = `127.0.0.1:${admin?.port}`;
    const { admin: other, warnings } = await startWith({
      GRPC_BREAKER_ADMIN: '127.0.0.1:0',
      GRPC_BREAKER_ADMIN_DASHBOARD: taken,
    });
    expect(other).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining(`the dashboard cannot listen on ${taken}`)]);
  });

  it.each([
    [{ GRPC_BREAKER_ADMIN: '0.0.0.0:0' }, 'without protection'],
    [{ GRPC_BREAKER_ADMIN: 'yes' }, 'cannot be read; expected'],
    [{ GRPC_BREAKER_ADMIN: '127.0.0.1:0', GRPC_BREAKER_ADMIN_WRITE_TOKEN: 'x' }, 'has 1 characters'],
  ])('that is wrong is a warning: %o', async (environment, text) => {
    const { admin, warnings } = await startWith(environment);
    expect(admin).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining(text)]);
  });

  it('says which port is taken', async () => {
    const { admin } = await startWith({ GRPC_BREAKER_ADMIN: '127.0.0.1:0' });
    const { warnings } = await startWith({ GRPC_BREAKER_ADMIN: `127.0.0.1:${admin?.port}` });
    expect(warnings).toEqual([expect.stringContaining(`cannot listen on 127.0.0.1:${admin?.port}`)]);
  });
});
