import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../src/telemetry/server-address.ts';

describe('parseTarget', () => {
  it.each([
    ['model.example:8081', 'model.example', 8081],
    ['localhost:50051', 'localhost', 50051],
    ['model.example', 'model.example', undefined],
    ['10.0.0.7:8081', '10.0.0.7', 8081],
    ['[::1]:8081', '::1', 8081],
    ['[::1]', '::1', undefined],
    ['2001:db8::1', '2001:db8::1', undefined],
    ['dns:///model.example:8081', 'model.example', 8081],
    ['dns://8.8.8.8/model.example:8081', 'model.example', 8081],
    ['dns:model.example:8081', 'model.example', 8081],
    ['ipv4:10.0.0.7:8081', '10.0.0.7', 8081],
    ['ipv4:10.0.0.7:8081,10.0.0.8:8081', '10.0.0.7:8081,10.0.0.8:8081', undefined],
    ['ipv6:[2001:db8::1]:8081', '2001:db8::1', 8081],
    ['unix:/run/model.sock', '/run/model.sock', undefined],
    ['unix:model.sock', 'model.sock', undefined],
    ['unix:///run/model.sock', '/run/model.sock', undefined],
    ['unix-abstract:model', 'model', undefined],
    ['xds:///models', 'models', undefined],
    ['xds:///models:8081', 'models', 8081],
    ['consul:///models', 'models', undefined],
  ])('%s is %s, port %s', (target, address, port) => {
    expect(parseTarget(target)).toEqual({ address, port });
  });

  it.each(['', 'dns:///', 'unix:'])('"%s" names nothing', (target) => {
    expect(parseTarget(target)).toBeUndefined();
  });
});
