import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Breakers, type BreakersOptions, createBreakers, loadPolicy } from '../../src/index.ts';
import { ask } from '../fallback/helpers/asking.ts';
import { connect } from '../grpc/helpers/attached.ts';
import { scripted } from '../grpc/helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { type Answer, methodName, type Question, Scripted } from '../grpc/helpers/scripted-service.ts';
import { problemsOf } from './helpers.ts';

// Functions and clients that a document names, and code registers.

let folder: string;
let first: ScriptedServer;
let second: ScriptedServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-registered-'));
  [first, second] = await Promise.all([startScriptedServer(), startScriptedServer()]);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([first.stop(), second.stop()]);
});

/** Breakers of a YAML document. */
function create(document: string, options: BreakersOptions = {}): Breakers {
  const file = join(folder, 'policy.yaml');
  writeFileSync(file, document);
  return createBreakers(loadPolicy(file), { telemetry: false, services: [Scripted.service], ...options });
}

/** A document with one policy. */
const policy = (lines: string) =>
  `methods:\n  - name: [{ service: scripted.v1.Scripted, method: Unary }]\n    rampUp: 0\n${lines.replace(/^/gm, '    ')}`;

/** Everything that can be named, in one document. */
const ALL = policy(`
trip: { consecutiveFailures: 1 }
openFor: 1h
backoff: { max: 1h }
classify: notFoundIsBad
failureWhen: saysSick
fallback:
  on: [rejected, failed]
  sources:
    - function: quota
      when: { failed: [RESOURCE_EXHAUSTED] }
    - lastGood: { maxAge: 1m, key: byModel }
    - call: { client: smaller, request: toSmall, response: fromSmall, forwardMetadata: false }`);

describe('a document', () => {
  it('names functions and clients, and code registers them', async () => {
    const breakers = create(ALL, {
      functions: {
        notFoundIsBad: ({ code }: { code: number }) => (code === Status.NOT_FOUND ? 'failure' : undefined),
        saysSick: (answer: Answer) => answer.text === 'sick',
        quota: () => ({ text: 'quota' }),
        byModel: ({ model_name }: Question) => model_name,
        toSmall: ({ model_name }: Question) => ({ model_name: `${model_name}-small` }),
        fromSmall: ({ text }: Answer) => ({ text: `small ${text}` }),
      },
      clients: { smaller: { target: second.target, credentials: credentials.createInsecure() } },
    });
    const client = connect(first.target, breakers.clientOptions(first.target));
    const texts = async (name: string, script = {}) =>
      (await ask(client, { model_name: name }, { metadata: scripted(script) })).text;
    const breaker = () => breakers.get(`${first.target}/${methodName('unary')}`);
    expect(await texts('iris')).toBe('answer 0');
    expect(await texts('iris', { answers: 0, code: Status.RESOURCE_EXHAUSTED })).toBe('quota');
    breaker()?.reset();
    expect(await texts('wine', { answers: 0, code: Status.NOT_FOUND })).toBe('small answer 0');
    expect(breaker()?.state).toBe('open');
    second.forget();
    expect(await texts('iris')).toBe('answer 0');
    expect(second.calls).toEqual([]);
    expect(await texts('wine')).toBe('small answer 0');
    expect(second.calls.at(-1)?.received).toMatchObject([{ model_name: 'wine-small' }]);
    breakers.dispose();
  });

  it('is refused with every name that nobody registered, and what was probably meant', () => {
    const functions = { notFoundIsBad: () => {}, sayssick: () => {}, quotas: () => {}, byModels: () => {}, toSmal: () => {} };
    const clients = { small: { target: second.target, credentials: credentials.createInsecure() } };
    const names = 'names the function';
    const from = 'methods[0].fallback.sources';
    expect(problemsOf(() => create(ALL, { functions, clients }))).toEqual([
      `methods[0].failureWhen: ${names} "saysSick", which is not registered; did you mean "sayssick"?`,
      `${from}[0].function: ${names} "quota", which is not registered; did you mean "quotas"?`,
      `${from}[1].lastGood.key: ${names} "byModel", which is not registered; did you mean "byModels"?`,
      `${from}[2].call.client: names the client "smaller", which is not registered; did you mean "small"?`,
      `${from}[2].call.request: ${names} "toSmall", which is not registered; did you mean "toSmal"?`,
      `${from}[2].call.response: ${names} "fromSmall", which is not registered; registered are notFoundIsBad, sayssick, quotas, byModels, toSmal`,
    ]);
  });

  it('is refused, and says how to register, where nothing is registered at all', () => {
    const call = policy('fallback: { sources: [{ function: quota }, { call: { client: smaller } }] }');
    expect(problemsOf(() => create(call))).toEqual([
      'methods[0].fallback.sources[0].function: names the function "quota", which is not registered; none is registered; pass it: createBreakers(policy, { functions: { ... } })',
      'methods[0].fallback.sources[1].call.client: names the client "smaller", which is not registered; none is registered; pass it: createBreakers(policy, { clients: { ... } }), or add it to "clients" of the policy',
    ]);
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__proto__', '__defineGetter__'])(
    'cannot name what every object has: %s',
    (name) => {
      const document = policy(
        `classify: ${name}\nfailureWhen: ${name}\nfallback: { sources: [{ function: ${name} }, { lastGood: { maxAge: 1s, key: ${name} } }, { call: { client: ${name}, request: ${name} } }] }`,
      );
      const problems = problemsOf(() => create(document, { functions: { own: () => {} }, clients: {} }));
      expect(problems).toHaveLength(6);
      for (const problem of problems) expect(problem).toContain(`"${name}", which is not registered; `);
    },
  );

  it('can name a function of such a name that code did register', () => {
    const document = policy('fallback: { sources: [{ function: toString }] }');
    create(document, { functions: { toString: () => 'text' } as never }).dispose();
  });

  it.each([5, {}, null, undefined])('cannot name what is registered as a function and is none: %o', (value) => {
    const document = policy('fallback: { sources: [{ function: quota }] }');
    expect(problemsOf(() => create(document, { functions: { quota: value } as never }))).toEqual([
      'methods[0].fallback.sources[0].function: names the function "quota", which is registered but is none; expected a function',
    ]);
  });

  it.each([
    { credentials: {} },
    { target: '', credentials: {} },
    { target: 'a:1' },
    { target: 'a:1', credentials: 5 },
    'a:1',
    null,
  ])('cannot name what is registered as a client and is none: %j', (value) => {
    const document = policy('fallback: { sources: [{ call: { client: smaller } }] }');
    expect(problemsOf(() => create(document, { clients: { smaller: value } as never }))).toEqual([
      'methods[0].fallback.sources[0].call.client: names the client "smaller", which is registered but is none; expected { target, credentials }',
    ]);
  });
});

it('names stand for functions in policies of code, too', async () => {
  const breakers = createBreakers(
    { methods: [{ name: [{ service: 'scripted.v1.Scripted' }], fallback: { sources: [{ function: 'hold' }] } }] },
    { telemetry: false, services: [Scripted.service], functions: { hold: () => ({ text: 'hold' }) } },
  );
  const client = connect(first.target, breakers.clientOptions(first.target));
  await ask(client);
  breakers.list()[0]?.trip('by the test');
  expect((await ask(client)).text).toBe('hold');
});
