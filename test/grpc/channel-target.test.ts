import { Client, credentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { targetOf } from '../../src/grpc/channel-target.ts';

afterEach(() => vi.unstubAllEnvs());

function targetOfClient(target: string): string {
  const client = new Client(target, credentials.createInsecure());
  onTestFinished(() => client.close());
  return targetOf(client.getChannel());
}

describe('the target of a channel', () => {
  it.each([
    '127.0.0.1:8081',
    'models',
    'models:8081',
    '[::1]:8081',
    'dns:///models:8081',
    'dns://127.0.0.1/models:8081',
    'unix:/run/models.sock',
    'ipv4:127.0.0.1:8081',
    'ipv6:[::1]:8081',
  ])('%s is the one that its client was made with', (target) => {
    expect(targetOfClient(target)).toBe(target);
  });

  it('is the server behind a proxy', () => {
    vi.stubEnv('http_proxy', 'http://127.0.0.1:3128');
    vi.stubEnv('no_grpc_proxy', '');
    vi.stubEnv('no_proxy', '');
    expect(targetOfClient('models:8081')).toBe('models:8081');
  });

  it.each([{}, { getTarget: () => undefined }])('is none of something else: %o', (channel) => {
    expect(() => targetOf(channel)).toThrow(TypeError);
  });
});
