import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { copyGrpcJs } from './helpers/copy-of-grpc-js.ts';
import { type Ended, REGISTER, runApplication } from './helpers/run-application.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

const PATH = '/scripted.v1.Scripted/Unary';

/** Three calls with each copy. */
function run(copies: readonly string[]): Promise<Ended> {
  const calls = [0, 13, 0].map((code) => [PATH, code]);
  const env = { TARGET: server.target, CALLS: JSON.stringify(calls), COPIES: JSON.stringify(copies) };
  return runApplication('calls.mjs', { env, flags: ['--import', REGISTER] });
}

function copy(edits: Parameters<typeof copyGrpcJs>[0] = {}): string {
  const { folder, remove } = copyGrpcJs(edits);
  onTestFinished(remove);
  return folder;
}

const RENAMED = [['getInterceptingCall', 'makeCall']] as const;
const WITHOUT_LISTS = [['callInterceptorProviders', 'callSuppliers']] as const;

/** What a grpc-js of the future may be, and what is said of it. */
const FUTURES = [
  ['has no such function', { 'client-interceptors.js': RENAMED, 'client.js': RENAMED }, 'no function getInterceptingCall'],
  [
    'asks another function',
    { 'client.js': [['(0, client_interceptors_1.getInterceptingCall)', '(0, require("./other").make)']] },
    'do not ask',
  ],
  ['gives it something else', { 'client-interceptors.js': WITHOUT_LISTS, 'client.js': WITHOUT_LISTS }, 'way that is not known'],
  ['has channels that do not tell their target', { 'channel.js': [['getTarget()', 'getName()']] }, 'no getTarget()'],
] as const;

describe.concurrent('copies of grpc-js', { timeout: 60_000 }, () => {
  it('are all protected, by the same breakers', async () => {
    const { results, stderr, breakers } = await run(['@grpc/grpc-js', copy()]);
    expect(stderr).toBe('');
    expect(results).toEqual([[0, 13, 0, 0, 13, 0]]);
    expect(breakers).toMatchObject([{ name: `${server.target}${PATH}`, counts: { success: 4, failure: 2 } }]);
  });

  it.each(FUTURES)('work without breakers, with one warning, where one %s', async (what, edits, said) => {
    const folder = copy(edits);
    if (what === 'asks another function') {
      const { writeFileSync } = await import('node:fs');
      writeFileSync(`${folder}/build/src/other.js`, OTHER);
    }
    const { results, stderr, breakers } = await run([folder]);
    expect(results).toEqual([[0, 13, 0]]);
    expect(breakers).toEqual([]);
    expect(stderr).toContain(said);
    expect(stderr).toContain(`@grpc/grpc-js 1.14.7 in ${folder}`);
    expect(stderr.match(/GrpcBreakerWarning/g)).toHaveLength(1);
  });
});

/** It keeps the function before anybody can replace it: its module is a second one. */
const OTHER = `
const { readFileSync } = require('node:fs');
const file = require.resolve('./client-interceptors.js');
const own = { exports: {} };
new Function('exports', 'require', readFileSync(file, 'utf8'))(own.exports, require);
exports.make = own.exports.getInterceptingCall;
`;
