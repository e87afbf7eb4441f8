import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PrometheusConfig, PrometheusSource, SignalReading } from '../../src/policy/signal.ts';
import type { QueryHeaders } from '../../src/signals/prometheus-query.ts';
import { QuerySource } from '../../src/signals/prometheus-source.ts';
import {
  type FakePrometheus,
  hang,
  json,
  type Reply,
  startFakePrometheus,
  text,
  values,
  vector,
} from './helpers/fake-prometheus.ts';

const CONFIG = { query: 'p99', above: 10, below: undefined, forMs: 0, everyMs: 100, maxAgeMs: 30_000 };

type Heard = SignalReading | Error;

/** A signal's listener that keeps what it hears. */
function listenTo(source: PrometheusSource, config: PrometheusConfig) {
  const heard: Heard[] = [];
  let more = () => {};
  const hear = (what: unknown) => {
    heard.push(what as Heard);
    more();
  };
  const end = source.signal(config).subscribe({ reading: hear, failed: hear });
  onTestFinished(end);
  const until = async (isIt: (heard: readonly Heard[]) => boolean): Promise<void> => {
    while (!isIt(heard)) await new Promise<void>((resolve) => void (more = resolve));
  };
  return { heard, end, until, next: (count: number) => until(({ length }) => length >= count) };
}

function sourceOf(headers: QueryHeaders = {}, random = () => 0): PrometheusSource {
  return new QuerySource({ headers, clock: { now: () => performance.now() }, wallClockNow: () => Date.now(), random });
}

async function prometheusWith(reply: Reply): Promise<FakePrometheus> {
  const fake = await startFakePrometheus(reply);
  onTestFinished(() => fake.close());
  return fake;
}

const isError = (what: Heard | undefined): what is Error => what instanceof Error;

describe('a Prometheus signal', () => {
  it('asks as Prometheus is asked, and says what it answers', async () => {
    const fake = await prometheusWith(values(12));
    const { heard, next } = listenTo(sourceOf({ authorization: 'Bearer t0k' }), { ...CONFIG, url: `${fake.url}/prom/?org=7` });
    await next(1);
    expect(heard[0]).toMatchObject({ firing: true, value: 12, threshold: 10, message: '12 {replica="0"} is over 10' });
    const [query] = fake.queries;
    expect([query?.method, query?.path]).toEqual(['POST', '/prom/api/v1/query?org=7']);
    expect(query?.headers).toMatchObject({
      authorization: 'Bearer t0k',
      'content-type': expect.stringMatching(/^application\/x-www-form-urlencoded/),
    });
    expect(Object.fromEntries(query?.form ?? [])).toEqual({ query: 'p99', timeout: '100ms' });
  });

  it('asks for its headers anew each time', async () => {
    const fake = await prometheusWith(values(1));
    let token = 0;
    const { next } = listenTo(
      sourceOf(async () => ({ authorization: `Bearer ${++token}` })),
      { ...CONFIG, url: fake.url },
    );
    await next(3);
    expect(fake.queries.slice(0, 3).map(({ headers }) => headers.authorization)).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 3']);
  });

  it('shares one query between conditions with limits of their own', async () => {
    const fake = await prometheusWith(values(12));
    const source = sourceOf();
    const high = listenTo(source, { ...CONFIG, url: fake.url, above: 100 });
    const low = listenTo(source, { ...CONFIG, url: fake.url, everyMs: 200 });
    await Promise.all([high.next(3), low.next(3)]);
    expect(high.heard.map((reading) => !isError(reading) && reading.firing)).not.toContain(true);
    expect(low.heard.map((reading) => !isError(reading) && reading.firing)).not.toContain(false);
    expect(Math.abs(fake.queries.length - high.heard.length)).toBeLessThanOrEqual(1);
    expect(fake.mostAtOnce).toBe(1);
    high.end();
    const before = low.heard.length;
    await low.next(before + 2);
    low.end();
    const after = listenTo(source, { ...CONFIG, url: fake.url });
    await after.next(1);
  });

  it('asks other questions on their own', async () => {
    const fake = await prometheusWith((response, query) => values(query === 'p99' ? 1 : 99)(response, query));
    const source = sourceOf();
    const one = listenTo(source, { ...CONFIG, url: fake.url });
    const other = listenTo(source, { ...CONFIG, url: fake.url, query: 'p50' });
    await Promise.all([one.next(1), other.next(1)]);
    expect([one.heard[0], other.heard[0]]).toMatchObject([{ value: 1 }, { value: 99 }]);
  });

  it.each<[string, Reply, RegExp]>([
    ['a server error', text('oops', 500), /HTTP status 500$/],
    ['a refusal', text('no', 401), /HTTP status 401$/],
    [
      "Prometheus's own error",
      json({ status: 'error', errorType: 'bad_data', error: 'parse error' }, 400),
      /status 400: bad_data: parse error/,
    ],
    ['an error with status 200', json({ status: 'error', errorType: 'timeout', error: 'slow' }), /with an error: timeout: slow/],
    ['a good answer with a bad status', json(vector([99]), 503), /HTTP status 503$/],
    ['a redirect', (response) => response.writeHead(302, { location: '/login' }).end(), /HTTP status 302$/],
    ['a page', text('<html>', 200, 'text/html'), /no JSON/],
    ['nothing', text(''), /no JSON/],
    ['bytes that are no text', (response) => response.end(Buffer.from([0xff, 0xfe, 0x00])), /no JSON/],
    ['no series', json(vector([])), /no series/],
    ['NaN', values('NaN'), /no number/],
    ['a matrix', json({ status: 'success', data: { resultType: 'matrix', result: [] } }), /gives a matrix/],
    ['an old sample', (response, query) => json(vector([99], 31))(response, query), /31 s old/],
    ['a sample from the future', (response, query) => json(vector([99], -40))(response, query), /40 s in the future/],
    ['a hang', hang, /no answer within 100 ms/],
    [
      'an answer that stops in the middle',
      (response) => void response.writeHead(200).write('{"status"'),
      /no answer within 100 ms/,
    ],
    ['a connection that breaks', (response) => response.destroy(), /cannot be reached: /],
    [
      'an answer that breaks off',
      (response) => void response.writeHead(200, { 'content-length': 100 }).write('{"st', () => response.destroy()),
      /the answer broke off: /,
    ],
  ])('takes %s for no answer, and goes on', async (_name, reply, message) => {
    const fake = await prometheusWith(reply);
    const { heard, until } = listenTo(sourceOf(), { ...CONFIG, url: fake.url });
    await until((all) => all.some((each) => isError(each) && message.test(each.message)));
    expect(heard.every(isError)).toBe(true);
    fake.reply = values(12);
    await until((all) => !isError(all.at(-1)));
    expect(heard.at(-1)).toMatchObject({ firing: true, value: 12 });
  });

  it('refuses an answer without an end', async () => {
    const fake = await prometheusWith((response) => {
      const chunk = Buffer.alloc(256 * 1024, ' ');
      const send = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', send).writeHead(200);
      send();
    });
    const { heard, next } = listenTo(sourceOf(), { ...CONFIG, url: fake.url, everyMs: 10_000 });
    await next(1);
    expect(heard[0]).toMatchObject({ message: 'an answer of over 4 MB' });
  });

  it('says that nobody is there', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    );
    await new Promise((resolve) => server.close(resolve));
    const { heard, next } = listenTo(sourceOf(), { ...CONFIG, url: `http://127.0.0.1:${port}`, everyMs: 5_000 });
    await next(1);
    expect(heard[0]).toMatchObject({ message: expect.stringMatching(/cannot be reached: .*ECONNREFUSED/) });
  });

  it.each<[string, QueryHeaders, RegExp]>([
    [
      'throw',
      () => {
        throw new Error('no token');
      },
      /no token/,
    ],
    ['hang', () => new Promise(() => {}), /no answer within 100 ms/],
    ['have a bad name', { 'bad name': 'x' }, /the headers cannot be sent/],
    [
      'have a bad value, which it keeps to itself',
      { authorization: 'Bearer s3cret\nx' },
      /^the headers cannot be sent: a name or a value has characters that HTTP forbids$/,
    ],
  ])('takes headers that %s for no answer', async (_name, headers, message) => {
    const fake = await prometheusWith(values(12));
    const { heard, next } = listenTo(sourceOf(headers), { ...CONFIG, url: fake.url });
    await next(2);
    expect(heard.slice(0, 2).map((each) => isError(each) && each.message)).toEqual(
      [0, 1].map(() => expect.stringMatching(message)),
    );
    expect(fake.queries).toEqual([]);
  });

  it('falls silent when it is ended, in the middle of a query too', async () => {
    let arrived = () => {};
    let closed = () => {};
    const asked = new Promise<void>((resolve) => void (arrived = resolve));
    const ended = new Promise<void>((resolve) => void (closed = resolve));
    const fake = await prometheusWith((response) => {
      response.once('close', closed);
      arrived();
    });
    const { heard, end } = listenTo(sourceOf(), { ...CONFIG, url: fake.url, everyMs: 60_000 });
    await asked;
    end();
    await ended;
    expect(heard).toEqual([]);
  });
});
