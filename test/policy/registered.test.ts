import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type BreakersOptions, createBreakers, loadPolicy } from '../../src/index.ts';
import { Scripted } from '../grpc/helpers/scripted-service.ts';
import { problemsOf } from './helpers.ts';

// What a document names, code registers.

const UNARY = 'name: [{ service: scripted.v1.Scripted, method: Unary }]';

function load(yaml: string, options: BreakersOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-registered-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'breakers.yaml'), yaml);
  return createBreakers(loadPolicy(join(folder, 'breakers.yaml')), {
    services: [Scripted.service],
    telemetry: false,
    ...options,
  });
}

const client = { target: '127.0.0.1:1', credentials: credentials.createInsecure() };

describe('names in a document', () => {
  const SOURCES = `
methods:
  - ${UNARY}
    classify: judge
    failureWhen: isBad
    fallback:
      sources:
        - function: popular
        - lastGood: { maxAge: 1s, key: byOwner }
        - call: { client: previous, request: toOld, response: fromOld }`;
  const functions = {
    judge: () => undefined,
    isBad: () => false,
    popular: () => ({}),
    byOwner: () => 'k',
    toOld: () => ({}),
    fromOld: () => ({}),
  };

  it('are taken where they are registered', () => {
    load(SOURCES, { functions, clients: { previous: client } }).dispose();
  });

  it('are refused with their path where they are not, all of them', () => {
    const known = { functions: { popularItems: () => ({}) }, clients: { previuos: client } };
    expect(problemsOf(() => load(SOURCES, known))).toEqual([
      'methods[0].classify: names the function "judge", which is not registered; registered are popularItems',
      'methods[0].failureWhen: names the function "isBad", which is not registered; registered are popularItems',
      'methods[0].fallback.sources[0].function: names the function "popular", which is not registered; registered are popularItems',
      'methods[0].fallback.sources[1].lastGood.key: names the function "byOwner", which is not registered; registered are popularItems',
      'methods[0].fallback.sources[2].call.client: names the client "previous", which is not registered; did you mean "previuos"?',
      'methods[0].fallback.sources[2].call.request: names the function "toOld", which is not registered; registered are popularItems',
      'methods[0].fallback.sources[2].call.response: names the function "fromOld", which is not registered; registered are popularItems',
    ]);
  });

  it.each(['constructor', 'toString', '__proto__'])('%s is no function that anybody registered', (name) => {
    const yaml = `methods: [{ ${UNARY}, fallback: { sources: [{ function: ${name} }] } }]`;
    expect(problemsOf(() => load(yaml))).toEqual([
      `methods[0].fallback.sources[0].function: names the function "${name}", which is not registered; none is registered; pass it: createBreakers(policy, { functions: { ... } })`,
    ]);
  });
});

describe('fallback calls', () => {
  it('that lead back to their own method are refused, with the way', () => {
    const yaml = `
methods:
  - ${UNARY}
    fallback: { sources: [{ call: { client: previous, method: scripted.v1.Scripted/Download } }] }
  - name: [{ service: scripted.v1.Scripted, method: Download }]
    fallback: { sources: [{ call: { client: previous, method: scripted.v1.Scripted/Unary } }] }`;
    const problems = problemsOf(() => load(yaml, { clients: { previous: client } }));
    expect(problems.filter((problem) => problem.includes('leads back'))).toEqual([
      'methods[0].fallback.sources[0].call.method: leads back to its own method: scripted.v1.Scripted/Unary -> scripted.v1.Scripted/Download -> scripted.v1.Scripted/Unary; drop one of these calls',
      'methods[1].fallback.sources[0].call.method: leads back to its own method: scripted.v1.Scripted/Download -> scripted.v1.Scripted/Unary -> scripted.v1.Scripted/Download; drop one of these calls',
    ]);
  });

  it('to the same method on another client are none', () => {
    load(`methods: [{ ${UNARY}, fallback: { sources: [{ call: { client: previous } }] } }]`, {
      clients: { previous: client },
    }).dispose();
  });

  it('to a method that nobody knows are refused', () => {
    const yaml = `methods: [{ ${UNARY}, fallback: { sources: [{ call: { client: previous, method: scripted.v1.Scripted/Unray } }] } }]`;
    expect(problemsOf(() => load(yaml, { clients: { previous: client } }))).toEqual([
      'methods[0].fallback.sources[0].call.method: scripted.v1.Scripted/Unray is not registered, so its messages are not known; did you mean scripted.v1.Scripted/Unary?',
    ]);
  });

  it('of methods that stream their requests are refused', () => {
    const yaml =
      'methods: [{ name: [{ service: scripted.v1.Scripted, method: Upload }], fallback: { sources: [{ call: { client: previous } }] } }]';
    expect(problemsOf(() => load(yaml, { clients: { previous: client } }))).toEqual([
      'methods[0].fallback.sources[0].call: scripted.v1.Scripted/Upload streams its requests; a fallback call has one',
    ]);
  });
});

it('a source for a method of another policy is refused: it would never be asked', () => {
  const yaml = `methods: [{ ${UNARY}, fallback: { sources: [{ error: { code: ABORTED }, method: scripted.v1.Scripted/Chat }] } }]`;
  expect(problemsOf(() => load(yaml))).toEqual([
    'methods[0].fallback.sources[0].method: is scripted.v1.Scripted/Chat, which is not a method of this policy; move the source to the policy that names it',
  ]);
});

it('limits that a method cannot have are refused', () => {
  const yaml = `
methods:
  - ${UNARY}
    stream: { messageGap: 50ms }
  - name: [{ service: scripted.v1.Scripted, method: Chat }]
    staleAfter: 20ms
    fallback: { sources: [{ lastGood: { maxAge: 1s } }] }`;
  expect(problemsOf(() => load(yaml))).toEqual([
    'methods[0].stream: scripted.v1.Scripted/Unary has a single response; expected deadline or staleAfter',
    'methods[1].staleAfter: scripted.v1.Scripted/Chat streams its responses; expected stream.firstMessageWithin',
    'methods[1].fallback.sources[0].lastGood: scripted.v1.Scripted/Chat has streams; a last good answer is for one request and one response',
  ]);
});
