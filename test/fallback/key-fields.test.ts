import { describe, expect, it } from 'vitest';
import { createBreakers, type FallbackOptions, type ServiceSource } from '../../src/index.ts';
import { loadScripted, SCRIPTED } from '../grpc/helpers/scripted-service.ts';
import { StaticScripted } from '../grpc/helpers/static-stub.ts';
import { TsScripted } from '../grpc/helpers/ts-proto-stub.ts';

// A stored answer's key that names a field which requests do not have would give all of them the same answer.

function refusal(service: ServiceSource, key: string[]): string {
  const fallback: FallbackOptions = { sources: [{ lastGood: { maxAge: '1m', key } }] };
  const methods = [{ name: [{ service: SCRIPTED, method: 'Unary' }], fallback }];
  try {
    createBreakers({ methods }, { services: [service], telemetry: false });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

const FIELDS = ['model_name', 'owner', 'owner.tenant', 'payload', 'account', 'watchers.0.tenant'];

describe.each<[string, ServiceSource]>([
  ['as in the file', loadScripted({ keepCase: true })],
  ['in camel case', loadScripted({})],
  ['of ts-proto', TsScripted],
  ['of google-protobuf', StaticScripted],
])('with stubs %s', (_stubs, service) => {
  it.each(FIELDS)('%s is taken', (field) => {
    expect(refusal(service, [field])).toBe('');
  });
});

it.each([
  ['as in the file', { keepCase: true }, 'modelName'],
  ['as in the file', { keepCase: true }, 'modelname'],
  ['in camel case', {}, 'modelname'],
])('with stubs %s, a misspelt one is refused', (_stubs, options, field) => {
  expect(refusal(loadScripted(options), ['owner', field])).toContain(
    `methods[0].fallback.sources[0].lastGood.key[1]: ${field} is not a field of the request of ${SCRIPTED}/Unary; check its name`,
  );
});
