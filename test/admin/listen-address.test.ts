import { describe, expect, it } from 'vitest';
import { parseListenAddress } from '../../src/admin/listen-address.ts';

describe('addresses to listen on', () => {
  it.each([
    ['127.0.0.1:7070', { host: '127.0.0.1', port: 7070 }, true],
    ['127.9.9.9:0', { host: '127.9.9.9', port: 0 }, true],
    ['localhost:7070', { host: '127.0.0.1', port: 7070 }, true],
    ['[::1]:7070', { host: '::1', port: 7070 }, true],
    ['[::ffff:127.0.0.1]:1', { host: '::ffff:127.0.0.1', port: 1 }, true],
    ['unix:/run/admin.sock', { path: '/run/admin.sock' }, true],
    ['0.0.0.0:7070', { host: '0.0.0.0', port: 7070 }, false],
    ['[::]:7070', { host: '::', port: 7070 }, false],
    ['[::ffff:0.0.0.0]:1', { host: '::ffff:0.0.0.0', port: 1 }, false],
    ['127.0.0.1.example.com:1', { host: '127.0.0.1.example.com', port: 1 }, false],
    ['localhost.example.com:1', { host: 'localhost.example.com', port: 1 }, false],
    ['127.1:1', { host: '127.1', port: 1 }, false],
  ])('%s', (address, listen, isLocal) => {
    expect(parseListenAddress(address)).toEqual({ listen, isLocal });
  });

  it.each(['', '7070', ':7070', '127.0.0.1', '::1:7070', '127.0.0.1:70700', '127.0.0.1:x', 'unix:', 'http://127.0.0.1:1'])(
    '%o is none',
    (address) => {
      expect(() => parseListenAddress(address)).toThrow("expected 'host:port'");
    },
  );
});
