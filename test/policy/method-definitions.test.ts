import { describe, expect, it } from 'vitest';
import { type MethodDefinition, MethodDefinitions, type ServiceSource } from '../../src/policy/method-definitions.ts';
import { type Policy, parsePolicy } from '../../src/policy/policy.ts';
import { problemsOf } from './helpers.ts';

function definition(path: string): MethodDefinition {
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: () => Buffer.alloc(0),
    responseSerialize: () => Buffer.alloc(0),
    responseDeserialize: () => ({}),
  };
}

const SERVICE = { infer: definition('/inference.V2/Infer'), live: definition('/inference.V2/Live') };
const OTHER = { service: definition('/a.B/service'), ask: definition('/a.B/Ask') };

describe('knows the methods of', () => {
  it.each<[string, ServiceSource]>([
    ['a service definition', SERVICE],
    ['a client constructor', Object.assign(() => {}, { service: SERVICE })],
    ['a service that has a method named service', OTHER],
  ])('%s', (_, source) => {
    const names = Array.from(new MethodDefinitions([source]).list(), ([name, { path }]) => [`/${name}`, path]);
    expect(names).toEqual(Object.values(source === OTHER ? OTHER : SERVICE).map(({ path }) => [path, path]));
  });
});

it('finds a method by its name', () => {
  const definitions = new MethodDefinitions([SERVICE, OTHER]);
  expect(definitions.get('a.B/Ask')).toBe(OTHER.ask);
  expect(definitions.get('a.B/Nix')).toBeUndefined();
});

it.each([undefined, null, 5, 'inference.V2', () => {}, { infer: {} }, { infer: null }, { service: 'a.B' }])(
  'refuses %o',
  (source) => {
    expect(problemsOf(() => new MethodDefinitions([SERVICE, source as unknown as ServiceSource]))).toEqual([
      'services[1]: is no service definition; expected Client.service, or the client constructor of proto-loader or grpc-tools',
    ]);
  },
);

describe('the names of a policy', () => {
  const fallback = { sources: [{ message: {} }] };
  const problems = (methods: Policy['methods'], ...services: ServiceSource[]) =>
    new MethodDefinitions(services)
      .checkNames(parsePolicy({ methods: methods ?? [] }))
      .map(({ path, message }) => `${path}: ${message}`);

  it('are right', () => {
    const methods: Policy['methods'] = [
      { name: [{ service: 'inference.V2', method: 'Infer' }], fallback },
      { name: [{ service: 'inference.V2' }], fallback },
      { name: [{}], fallback },
      { name: [{ service: 'not.Registered', method: 'WithoutFallback' }] },
    ];
    expect(problems(methods, SERVICE)).toEqual([]);
  });

  it('name a method that the service does not have', () => {
    expect(problems([{ name: [{ service: 'inference.V2' }, { service: 'inference.V2', method: 'Infr' }] }], SERVICE)).toEqual([
      'methods[0].name[1].method: inference.V2 has no method Infr; did you mean Infer?',
    ]);
    expect(problems([{ name: [{ service: 'inference.V2', method: 'Predict' }] }], SERVICE)).toEqual([
      'methods[0].name[0].method: inference.V2 has no method Predict; it has Infer, Live',
    ]);
  });

  it('have a fallback, and a service that is not registered', () => {
    const REGISTER =
      'pass its definition: createBreakers(policy, { services: [Client.service] }), or name its .proto file in the policy: protos: [...]';
    expect(problems([{ name: [{ service: 'inference.V3' }], fallback }], SERVICE)).toEqual([
      'methods[0].name[0]: has a fallback, but inference.V3 is not registered, so its messages cannot be checked; did you mean inference.V2?',
    ]);
    expect(problems([{ name: [{ service: 'shop.Prices' }], fallback }])).toEqual([
      `methods[0].name[0]: has a fallback, but shop.Prices is not registered, so its messages cannot be checked; ${REGISTER}`,
    ]);
    expect(problems([{ fallback }])).toEqual([expect.stringMatching(/^methods\[0\]\.name\[0\]: has a fallback/)]);
  });
});
