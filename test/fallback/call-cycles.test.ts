import { credentials } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { type Breakers, createBreakers, type FallbackSourceOptions, type MethodPolicyOptions } from '../../src/index.ts';
import type { MethodDefinition } from '../../src/policy/method-definitions.ts';
import { problemsOf } from '../policy/helpers.ts';

const ALL = ['A', 'B', 'C', 'D'];

function definition(name: string): MethodDefinition {
  const bytes = () => Buffer.alloc(0);
  return {
    path: `/x.S/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: () => ({}),
  };
}

/** A source that calls a method of another server, or the same method for none. */
function call(to?: string, options: Partial<FallbackSourceOptions> = {}): FallbackSourceOptions {
  const client = { target: '127.0.0.1:1', credentials: credentials.createInsecure() };
  return { ...options, call: { client, ...(to !== undefined && { method: `x.S/${to}` }) } };
}

/** A policy of some methods, all of the service's for none. */
function policyOf(methods: readonly string[], ...sources: FallbackSourceOptions[]): MethodPolicyOptions {
  const name = methods.length === 0 ? [{ service: 'x.S' }] : methods.map((method) => ({ service: 'x.S', method }));
  return { name, fallback: { sources } };
}

function create(methods: readonly MethodPolicyOptions[]): Breakers {
  const service = Object.fromEntries(ALL.map((name) => [name, definition(name)]));
  return createBreakers({ methods }, { services: [service], telemetry: false });
}

describe('a way back to the method itself is refused, and shown', () => {
  const refused = (way: string) => `leads back to its own method: ${way}; drop one of these calls`;

  it('over another method', () => {
    expect(problemsOf(() => create([policyOf(['A'], call('B')), policyOf(['B'], call('A'))]))).toEqual([
      `methods[0].fallback.sources[0].call.method: ${refused('x.S/A -> x.S/B -> x.S/A')}`,
      `methods[1].fallback.sources[0].call.method: ${refused('x.S/B -> x.S/A -> x.S/B')}`,
    ]);
  });

  it('over several, from a source further down', () => {
    const methods = [
      policyOf(['A'], { message: {} }, call('B')),
      policyOf(['B'], call('D'), call('C')),
      policyOf(['C'], { error: { code: 'ABORTED' } }, call('A')),
    ];
    expect(problemsOf(() => create(methods))).toEqual([
      `methods[0].fallback.sources[1].call.method: ${refused('x.S/A -> x.S/B -> x.S/C -> x.S/A')}`,
      `methods[1].fallback.sources[1].call.method: ${refused('x.S/B -> x.S/C -> x.S/A -> x.S/B')}`,
      `methods[2].fallback.sources[1].call.method: ${refused('x.S/C -> x.S/A -> x.S/B -> x.S/C')}`,
    ]);
  });

  it('where one policy names several methods, or all of a service', () => {
    const expected = `methods[0].fallback.sources[0].call.method: ${refused('x.S/A -> x.S/B -> x.S/A')}`;
    expect(problemsOf(() => create([policyOf(['A', 'C'], call('B')), policyOf(['B'], call('A'))]))[0]).toBe(expected);
    expect(problemsOf(() => create([policyOf([], call('B')), policyOf(['B'], call('A'))]))[0]).toBe(expected);
  });

  it('where sources are for one method each', () => {
    const methods = [policyOf(['A', 'B', 'C'], call('B', { method: 'x.S/A' }), call('A', { method: 'x.S/B' }))];
    expect(problemsOf(() => create(methods))).toEqual([
      `methods[0].fallback.sources[0].call.method: ${refused('x.S/A -> x.S/B -> x.S/A')}`,
      `methods[0].fallback.sources[1].call.method: ${refused('x.S/B -> x.S/A -> x.S/B')}`,
    ]);
  });
});

describe('is allowed', () => {
  it.each<[string, readonly MethodPolicyOptions[]]>([
    ['the same method on another client, by default and by name', [policyOf(['A'], call(), call('A'))]],
    ['one method that answers for all, itself included', [policyOf([], call('B'))]],
    ['a way that ends', [policyOf(['A'], call('B')), policyOf(['B'], call('C')), policyOf(['C'], call('D'))]],
    ['two ways to one method', [policyOf(['A'], call('B'), call('C')), policyOf(['B', 'C'], call('D'))]],
    ['a way that passes a method whose own call goes to itself', [policyOf(['A'], call('B')), policyOf(['B'], call())]],
    [
      'a chain over sources that are for one method each',
      [policyOf(['A', 'B', 'C'], call('B', { method: 'x.S/A' }), call('C', { method: 'x.S/B' }))],
    ],
  ])('%s', (_, methods) => {
    expect(() => create(methods).dispose()).not.toThrow();
  });
});

describe('a fallback call is refused', () => {
  it.each<[string, FallbackSourceOptions, string]>([
    [
      'of a method whose service is not registered',
      { call: { client: { target: 'a:1', credentials: {} }, method: 'x.S/Bb' } },
      'call.method: x.S/Bb is not registered, so its messages are not known; did you mean x.S/B?',
    ],
    [
      'of a method nobody knows',
      { call: { client: { target: 'a:1', credentials: {} }, method: 'shop.Prices/Get' } },
      'call.method: shop.Prices/Get is not registered, so its messages are not known; pass its definition: createBreakers(policy, { services: [Client.service] }), or name its .proto file in the policy: protos: [...]',
    ],
    [
      'of a client that is not registered',
      { call: { client: 'smaller' } },
      'call.client: names the client "smaller", which is not registered; none is registered; pass it: createBreakers(policy, { clients: { ... } }), or add it to "clients" of the policy',
    ],
  ])('%s', (_, source, problem) => {
    expect(problemsOf(() => create([policyOf(['A'], source)]))).toEqual([`methods[0].fallback.sources[0].${problem}`]);
  });
});
