import { constants } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type ClientOptions, status as Status } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Outcome } from '../../../src/index.ts';
import { attach, ready } from '../helpers/attached.ts';
import { framed, GRPC_HEADERS, type Http2Answer, startHttp2Server } from '../helpers/http2-server.ts';
import { codeOf, play } from '../helpers/play.ts';
import { scripted } from '../helpers/script.ts';
import { startScriptedServer } from '../helpers/scripted-server.ts';
import { CALL_TYPES, Scripted } from '../helpers/scripted-service.ts';

// How a call counts when no gRPC server answers it: a server that cannot be reached is a sick one.

interface Case {
  readonly name: string;
  readonly answer: Http2Answer;
  readonly code: number;
  readonly details: RegExp;
  readonly outcome: Outcome;
  readonly clientOptions?: ClientOptions;
}

const http =
  (status: number): Http2Answer =>
  (stream) => {
    stream.respond({ ':status': status, 'content-type': 'text/html' });
    stream.end('<html></html>');
  };
const reset =
  (code: number): Http2Answer =>
  (stream) =>
    stream.close(code);
const afterHeaders =
  (then: Http2Answer): Http2Answer =>
  (stream, headers) => {
    stream.respond(GRPC_HEADERS);
    setTimeout(() => then(stream, headers), 10);
  };

const CASES: readonly Case[] = [
  ...[502, 503, 504, 429].map((status) => ({
    name: `HTTP ${status}`,
    answer: http(status),
    code: Status.UNAVAILABLE,
    details: new RegExp(`status code ${status}`),
    outcome: 'failure' as const,
  })),
  { name: 'HTTP 500', answer: http(500), code: Status.UNKNOWN, details: /status code 500/, outcome: 'failure' },
  { name: 'HTTP 400', answer: http(400), code: Status.INTERNAL, details: /status code 400/, outcome: 'failure' },
  { name: 'HTTP 401', answer: http(401), code: Status.UNAUTHENTICATED, details: /status code 401/, outcome: 'success' },
  { name: 'HTTP 403', answer: http(403), code: Status.PERMISSION_DENIED, details: /status code 403/, outcome: 'success' },
  { name: 'HTTP 404', answer: http(404), code: Status.UNIMPLEMENTED, details: /status code 404/, outcome: 'success' },
  {
    name: 'a refused stream',
    answer: reset(constants.NGHTTP2_REFUSED_STREAM),
    code: Status.UNAVAILABLE,
    details: /^Stream refused/,
    outcome: 'failure',
  },
  {
    name: 'RST_STREAM(INTERNAL_ERROR)',
    answer: reset(constants.NGHTTP2_INTERNAL_ERROR),
    code: Status.INTERNAL,
    details: /RST_STREAM/,
    outcome: 'failure',
  },
  {
    name: 'RST_STREAM(ENHANCE_YOUR_CALM)',
    answer: reset(constants.NGHTTP2_ENHANCE_YOUR_CALM),
    code: Status.RESOURCE_EXHAUSTED,
    details: /^Bandwidth/,
    outcome: 'failure',
  },
  {
    name: 'RST_STREAM(CANCEL)',
    answer: reset(constants.NGHTTP2_CANCEL),
    code: Status.CANCELLED,
    details: /^Call cancelled/,
    outcome: 'ignored',
  },
  {
    name: 'RST_STREAM(INTERNAL_ERROR) after headers',
    answer: afterHeaders(reset(constants.NGHTTP2_INTERNAL_ERROR)),
    code: Status.INTERNAL,
    details: /RST_STREAM/,
    outcome: 'failure',
  },
  {
    name: 'an end without a status',
    answer: afterHeaders((stream) => stream.end()),
    code: Status.INTERNAL,
    details: /./,
    outcome: 'failure',
  },
  {
    name: 'a dropped connection',
    answer: (stream) => stream.session?.destroy(),
    code: Status.UNAVAILABLE,
    details: /./,
    outcome: 'failure',
  },
  {
    name: 'a GOAWAY',
    answer: (stream) => stream.session?.destroy(undefined, constants.NGHTTP2_INTERNAL_ERROR),
    code: Status.UNAVAILABLE,
    details: /./,
    outcome: 'failure',
  },
  {
    name: 'an answer that is too large once it is unpacked',
    answer: (stream) => {
      stream.respond({ ...GRPC_HEADERS, 'grpc-encoding': 'gzip' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      const message = Scripted.service['Unary']?.responseSerialize({ payload: Buffer.alloc(50_000) }) as Buffer;
      stream.end(framed(gzipSync(message), true));
    },
    code: Status.RESOURCE_EXHAUSTED,
    details: /^Received message that decompresses to a size larger/,
    outcome: 'ignored',
    clientOptions: { 'grpc.max_receive_message_length': 1_000 },
  },
];

describe('an answer of something that is no gRPC server', () => {
  const rows = CASES.flatMap((each) => CALL_TYPES.map((type) => ({ ...each, type })));

  it.each(rows)('$name is a $outcome ($type)', async ({ type, answer, code, details, outcome, clientOptions }) => {
    const server = await startHttp2Server(answer);
    onTestFinished(() => server.stop());
    const attached = attach();
    const played = await play(attached.connect(server.target, { 'grpc.enable_retries': 0, ...clientOptions }), type);
    expect(played.sights.find(([what]) => what === 'status')?.[1]).toMatchObject({
      code,
      details: expect.stringMatching(details),
    });
    expect(server.calls).toBeGreaterThan(0);
    const { counts } = attached.breaker(server.target, type).snapshot();
    expect(counts).toMatchObject({ success: 0, failure: 0, ignored: 0, [outcome]: 1 });
  });
});

describe('a server that cannot be reached', () => {
  const REFUSED = '127.0.0.1:1';
  const NO_NAME = `dns:///${'x'.repeat(64)}.invalid:1`;

  it.each(CALL_TYPES)('refuses connections, has no name, drops the connection: failures that trip (%s)', async (type) => {
    const server = await startScriptedServer();
    onTestFinished(() => server.stop());
    const rows = [
      { target: REFUSED, details: /No connection established/ },
      { target: NO_NAME, details: /Name resolution failed/ },
      { target: server.target, details: /Connection dropped|ECONNRESET/ },
    ];
    for (const { target, details } of rows) {
      const attached = attach({ trip: { consecutiveFailures: 2 }, openFor: '1h', backoff: { max: '1h' } });
      const client = attached.connect(target);
      for (const state of ['closed', 'open']) {
        const { sights } = await play(client, type, { metadata: scripted({ answers: 0, drop: true }) });
        expect(sights.find(([what]) => what === 'status')?.[1]).toMatchObject({
          code: Status.UNAVAILABLE,
          details: expect.stringMatching(details),
        });
        expect(attached.breaker(target, type).state).toBe(state);
      }
    }
  });

  it('takes connections and says nothing: a failure at the deadline', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const target = `127.0.0.1:${(silent.address() as { port: number }).port}`;
    const attached = attach();
    for (const type of CALL_TYPES) {
      const played = await play(attached.connect(target), type, { options: { deadline: Date.now() + 60 } });
      expect(codeOf(played)).toBe(Status.DEADLINE_EXCEEDED);
      expect(attached.breaker(target, type).snapshot().counts).toMatchObject({ failure: 1, ignored: 0 });
    }
  });

  it('shuts down, is away, and comes back: its calls in flight say nothing, the ones while it is away fail', async () => {
    const server = await startScriptedServer();
    const attached = attach();
    const client = attached.connect(server.target);
    const inFlight = CALL_TYPES.flatMap((type) =>
      [{}, { headers: { 'x-header': 'one' } }].map((script) =>
        play(client, type, { metadata: scripted({ ...script, hang: true, answers: 0 }) }),
      ),
    );
    await vi.waitFor(() => expect(server.calls).toHaveLength(8));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await server.stop();
    for (const played of await Promise.all(inFlight)) expect([Status.CANCELLED, Status.UNAVAILABLE]).toContain(codeOf(played));
    for (const { counts } of attached.breakers.snapshot()) expect(counts.success).toBe(0);
    await vi.waitFor(async () => expect(codeOf(await play(client, 'unary'))).toBe(Status.UNAVAILABLE));
    const again = await startScriptedServer(Number(server.target.split(':')[1]));
    onTestFinished(() => again.stop());
    await ready(client);
    await play(client, 'unary');
    const { success, failure } = attached.breaker(server.target, 'unary').snapshot().counts;
    expect(success).toBe(1);
    expect(failure).toBeGreaterThan(0);
  });
});
