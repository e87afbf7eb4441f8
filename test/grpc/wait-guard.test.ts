import { InterceptingCall, type Interceptor, Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FallbackSourceOptions, fallbackOf } from '../../src/index.ts';
import { attachAll, connect } from './helpers/attached.ts';
import { messagesOf, play } from './helpers/play.ts';
import { type ScriptedServer, startScriptedServer } from './helpers/scripted-server.ts';
import { SCRIPTED } from './helpers/scripted-service.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

function fallback(source: FallbackSourceOptions) {
  const name = [{ service: SCRIPTED, method: 'Unary' }];
  return attachAll({ methods: [{ name, openFor: '1h', backoff: { max: '1h' }, fallback: { sources: [source] } }] });
}

it('a deadline that no timer can wait for does not end a call that waits for its request', async () => {
  const attached = fallback({ message: { text: 'instead' } });
  await attached.open(server.target, ['unary']);
  // Longer than the millisecond that an overflown timer takes.
  const slow: Interceptor = (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      sendMessage: (message, next) => void setTimeout(() => next(message), 10),
      halfClose: (next) => void setTimeout(next, 10),
    });
  const client = attached.connect(server.target, { interceptors: [slow] });
  const played = await play(client, 'unary', { options: { deadline: Date.now() + 40 * 86_400_000 } });
  expect(messagesOf(played).map(({ text }) => text)).toEqual(['instead']);
});

it('a status whose metadata are none is handed on where answers are stored', async () => {
  const attached = fallback({ lastGood: { maxAge: '1h', identity: [] } });
  const careless: Interceptor = (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: (metadata, _listener, next) =>
        next(metadata, { onReceiveStatus: (status, handOn) => handOn({ ...status, metadata: {} as Metadata }) }),
    });
  const repair: Interceptor = (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: (metadata, _listener, next) =>
        next(metadata, { onReceiveStatus: (status, handOn) => handOn({ ...status, metadata: new Metadata() }) }),
    });
  const client = connect(server.target, { interceptors: [repair, attached.breakers.interceptor(server.target), careless] });
  const [first] = messagesOf(await play(client, 'unary', { patienceMs: 1_000 }));
  expect(first?.text).toBe('answer 0');
  attached.breaker(server.target, 'unary').trip('by the test');
  const [second] = messagesOf(await play(client, 'unary', { patienceMs: 1_000 }));
  expect(fallbackOf(second)?.source).toBe('lastGood');
});
