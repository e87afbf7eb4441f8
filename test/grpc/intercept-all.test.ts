import { describe, expect, it, onTestFinished } from 'vitest';
import { interceptAll } from '../../src/grpc/intercept-all.ts';
import { wireBreakers } from '../../src/wire-breakers.ts';

interface Lists {
  readonly clientInterceptors: unknown[];
  readonly clientInterceptorProviders: unknown[];
  readonly callInterceptors: unknown[];
  readonly callInterceptorProviders: unknown[];
}

const METHOD = { path: '/pkg.Service/Method' };
const CHANNEL = { getTarget: () => 'dns:127.0.0.1:1' };
const [one, two, three] = [() => 'one', () => 'two', () => 'three'];

function lists(given: Partial<Lists> = {}): Lists {
  return { clientInterceptors: [], clientInterceptorProviders: [], callInterceptors: [], callInterceptorProviders: [], ...given };
}

/** What grpc-js is asked with, in place of what it would have been asked with. */
function asking() {
  const { breakers, attachment } = wireBreakers({}, { telemetry: false });
  onTestFinished(() => breakers.dispose());
  const warnings: string[] = [];
  const ask = interceptAll(
    (...args) => args,
    () => attachment,
    (path) => path === '/left.Alone/Method',
    (message) => warnings.push(message),
  );
  const ours = attachment.interceptor('127.0.0.1:1');
  return { ours, warnings, ask: (...args: Parameters<typeof ask>) => ask(...args) as unknown[] };
}

describe('the function that makes all calls', () => {
  it.each(['clientInterceptors', 'callInterceptors'] as const)('gets ours at the end of %s', (name) => {
    const { ask, ours } = asking();
    const given = lists({ [name]: [one, two] });
    expect(ask(given, METHOD, {}, CHANNEL)[0]).toEqual({ ...given, [name]: [one, two, ours] });
    expect(given[name]).toEqual([one, two]);
  });

  it.each(['clientInterceptorProviders', 'callInterceptorProviders'] as const)(
    'gets a provider of ours at the end of %s',
    (name) => {
      const { ask, ours } = asking();
      const [asked] = ask(lists({ [name]: [one] }), METHOD, {}, CHANNEL) as [Lists];
      expect(asked[name]).toHaveLength(2);
      expect((asked[name][1] as () => unknown)()).toBe(ours);
    },
  );

  it("gets ours in the call's list alone, where that stands in place of the client's", () => {
    const { ask, ours } = asking();
    const given = lists({ clientInterceptors: [one], callInterceptors: [two] });
    expect(ask(given, METHOD, {}, CHANNEL)[0]).toEqual({ ...given, callInterceptors: [two, ours] });
  });

  it("sees that a client's list has changed", () => {
    const { ask, ours } = asking();
    const clientInterceptors: unknown[] = [one];
    const asked = () => (ask(lists({ clientInterceptors }), METHOD, {}, CHANNEL) as [Lists])[0].clientInterceptors;
    expect(asked()).toEqual([one, ours]);
    clientInterceptors[0] = two;
    expect(asked()).toEqual([two, ours]);
    clientInterceptors.push(three);
    expect(asked()).toEqual([two, three, ours]);
    clientInterceptors.push(ours);
    expect(asked()).toEqual([two, three, ours]);
    clientInterceptors.length = 0;
    expect(asked()).toEqual([ours]);
  });

  it('gets everything else as it is', () => {
    const { ask } = asking();
    const options = { deadline: 1 };
    expect(ask(lists(), METHOD, options, CHANNEL, 'of the future').slice(1)).toEqual([METHOD, options, CHANNEL, 'of the future']);
    const alone = lists({ clientInterceptors: [one] });
    expect(ask(alone, { path: '/left.Alone/Method' }, options, CHANNEL)[0]).toBe(alone);
  });

  it.each([
    ['no lists', undefined, METHOD, CHANNEL],
    ['other lists', { ...lists(), callInterceptorProviders: new Set([one]) }, METHOD, CHANNEL],
    ['no method', lists(), undefined, CHANNEL],
    ['no channel', lists(), METHOD, undefined],
    ['a channel without a target', lists(), METHOD, {}],
  ])('is asked as before, and it is said once, where there are %s', (_, given, method, channel) => {
    const { ask, warnings } = asking();
    for (let time = 0; time < 2; time++) expect(ask(given, method, {}, channel)).toEqual([given, method, {}, channel]);
    expect(warnings).toHaveLength(1);
  });
});
