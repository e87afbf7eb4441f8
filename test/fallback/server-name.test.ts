import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FallbackSourceOptions } from '../../src/index.ts';
import { attachAll } from '../grpc/helpers/attached.ts';
import { codeOf, play } from '../grpc/helpers/play.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { SCRIPTED } from '../grpc/helpers/scripted-service.ts';

// Behind one address, such as a proxy's, may stand several servers, told apart by the name that a channel or a call gives them.

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

it.each([
  ['the same name', 'model-a', {}, 0],
  ['the same name, given by the call', 'model-b', { host: 'model-a' }, 0],
  ['another name', 'model-b', {}, 14],
  ['no name', undefined, {}, 14],
])('stored answers of a server behind a proxy, and %s', async (_what, asked, options, code) => {
  for (const identity of [['authorization'], []]) {
    const sources: FallbackSourceOptions[] = [{ lastGood: { maxAge: '1h', identity } }];
    const attached = attachAll({
      methods: [{ name: [{ service: SCRIPTED, method: 'Unary' }], openFor: '1h', fallback: { sources } }],
    });
    const named = (name: string | undefined) =>
      attached.connect(server.target, name === undefined ? {} : { 'grpc.default_authority': name });
    await play(named('model-a'), 'unary');
    attached.breaker(server.target, 'unary').trip('by the test');
    expect(codeOf(await play(named(asked), 'unary', { options }))).toBe(code);
  }
});
