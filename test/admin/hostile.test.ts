import { once } from 'node:events';
import { connect } from 'node:http2';
import { createConnection } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AdminError } from '../../src/admin/admin-error.ts';
import { GuessLimiter } from '../../src/admin/guess-limiter.ts';
import { plainText } from '../../src/admin/plain-text.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { failureOf, nameOf, start } from './helpers/started.ts';

const HOSTILE = [
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  '\u202etxt',
  'a\nb',
  '\u0000',
  '🙂'.repeat(50),
  '"};{',
  '%s%n',
  '../../etc',
];

describe('hostile names', () => {
  it('are names like any other', async () => {
    const { client, callModel } = await start();
    for (const model of HOSTILE) callModel(model);
    const admin = client();
    const { breakers } = await admin.call('List');
    const names = (breakers as { name: string }[]).map(({ name }) => name);
    for (const name of names) expect((await admin.call('Get', { name }))['name']).toBe(name);
    // What would make another line of a log is not in any name: the registry sees to that.
    expect(names).toHaveLength(2 + HOSTILE.length);
    for (const model of HOSTILE.filter((text) => !/[\n\0%]/.test(text))) expect(names).toContain(nameOf(model));
    await admin.call('ForceOpen', { name: nameOf('__proto__'), reason: 'x' });
    expect(await admin.call('Get', { name: nameOf('iris') })).toMatchObject({ state: 'STATE_CLOSED' });
  });

  it('of nobody are answered as such, in one line', async () => {
    const { client } = await start();
    for (const name of [...HOSTILE, 'x'.repeat(300_000)]) {
      const error = await failureOf(client().call('Get', { name }));
      expect(error.code).toBe(5);
      expect(error.details).toBe(plainText(error.details, 1_000));
      expect(error.details.length).toBeLessThan(500);
    }
  });

  it('of people reach no log as more than one line', async () => {
    const { client, audited } = await start();
    // gRPC metadata carries no line breaks; what it carries is cut.
    await client({ user: 'x'.repeat(5_000) }).call('ForceOpen', {
      name: nameOf('iris'),
      reason: 'a\r\nINFO all is well\u001b[2J',
    });
    expect(audited[0]).toMatchObject({ user: 'x'.repeat(100), reason: 'a  INFO all is well [2J' });
    expect(plainText('\ud800 \u2028 a\u202eb', 10)).toBe('a b');
  });
});

describe('hostile connections', () => {
  it('change nothing for others', async () => {
    const { admin, client, warnings } = await start();
    const noise = createConnection(admin.port, '127.0.0.1');
    noise.on('error', () => {});
    noise.write('GET / HTTP/1.1\r\n\r\n'.repeat(100));
    const session = connect(`http://${admin.address}`);
    session.on('error', () => {});
    onTestFinished(() => {
      noise.destroy();
      session.destroy();
    });
    const bodies = [Buffer.alloc(0), Buffer.from([0, 0, 0, 0, 9, 255, 255, 255]), Buffer.from([1, 255, 255, 255, 255])];
    for (const method of ['Get', 'Watch', 'ForceOpen', 'Nonsense']) {
      for (const body of bodies) {
        const headers = {
          ':method': 'POST',
          ':path': `/grpc_breaker.admin.v1.Admin/${method}`,
          'content-type': 'application/grpc',
          te: 'trailers',
        };
        const stream = session.request(headers);
        stream.on('error', () => {});
        stream.resume();
        stream.end(body);
        await Promise.race([once(stream, 'close'), once(stream, 'response')]);
      }
    }
    expect(await client().call('List')).toMatchObject({ total_size: 2 });
    expect(warnings).toEqual([]);
  });

  it('larger than a request may be are refused', async () => {
    const { client } = await start();
    expect((await failureOf(client().call('ReloadPolicy', { document: 'x'.repeat(600_000), reason: 'x' }))).code).toBe(8);
  });
});

describe('those who guess', () => {
  it('are told apart by address, IPv6 by network, and remembered within bounds', () => {
    const limiter = new GuessLimiter(new ManualClock());
    for (let guess = 0; guess < 20; guess++) limiter.wasWrong(`[2001:db8:1:2::${guess + 1}]:${1_000 + guess}`);
    expect(limiter.allows('[2001:db8:1:2:9::9]:5')).toBe(false);
    expect(limiter.allows('2001:db8:1:2:9::9:5')).toBe(false);
    expect(limiter.allows('[2001:db8:1:3::1]:5')).toBe(true);
    for (let address = 0; address < 5_000; address++) limiter.wasWrong(`10.0.${address >> 8}.${address & 255}:1`);
    expect(limiter.size).toBe(1_000);
  });
});

describe('a bug of ours', () => {
  it('is a status and a warning, and nothing else', async () => {
    const { client, breakers, warnings } = await start();
    Object.assign(breakers, {
      describe: () => {
        throw new Error('a bug');
      },
    });
    const error = await failureOf(client().call('Get', { name: nameOf('iris') }));
    expect(error).toMatchObject({ code: 13, details: expect.not.stringContaining('a bug') });
    expect(warnings).toEqual(['a call of the admin service failed']);
    expect(new AdminError('NOT_FOUND', 'X', 'x')).toBeInstanceOf(Error);
  });
});
