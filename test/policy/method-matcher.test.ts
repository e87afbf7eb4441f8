import { describe, expect, it } from 'vitest';
import { MethodMatcher } from '../../src/policy/method-matcher.ts';
import { type MethodName, parsePolicy } from '../../src/policy/policy.ts';

/** Which policy a method gets, by its place. */
function found(policies: MethodName[][], method: string): string | undefined {
  return new MethodMatcher(parsePolicy({ methods: policies.map((name) => ({ name })) })).find(method)?.path;
}

const INFER = { service: 'inference.V2', method: 'Infer' };
const V2 = { service: 'inference.V2' };

describe('the most specific name wins', () => {
  it.each<[string, MethodName[][], string, string | undefined]>([
    ['the method', [[{}], [V2], [INFER]], 'inference.V2/Infer', 'methods[2]'],
    ['the method, wherever it stands', [[INFER], [V2], [{}]], 'inference.V2/Infer', 'methods[0]'],
    ['the service', [[{}], [V2], [INFER]], 'inference.V2/Live', 'methods[1]'],
    ['every method', [[{}], [V2], [INFER]], 'other.Service/Infer', 'methods[0]'],
    ['nothing', [[V2], [INFER]], 'other.Service/Infer', undefined],
    ['nothing, when only another method is named', [[INFER]], 'inference.V2/Live', undefined],
    ['any name of a policy', [[{}], [V2, { service: 'a.B' }]], 'a.B/Ask', 'methods[1]'],
    ['not a service whose name only begins alike', [[V2]], 'inference.V2beta/Infer', undefined],
    ['not a service whose name only ends alike', [[{ service: 'V2' }]], 'inference.V2/Infer', undefined],
    ['not another case', [[INFER]], 'inference.V2/infer', undefined],
    ['a service without a package', [[{ service: 'Greeter' }]], 'Greeter/Hello', 'methods[0]'],
  ])('%s', (_, policies, method, path) => {
    expect(found(policies, method)).toBe(path);
  });
});

it('without a policy there is one for every method', () => {
  expect(new MethodMatcher(parsePolicy({})).find('a.B/Ask')?.path).toBe('methods[0]');
});
