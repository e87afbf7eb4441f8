import { describe, expect, it } from 'vitest';
import { parseBareBreaker } from '../../src/policy/breaker-options.ts';
import { parsePolicy } from '../../src/policy/policy.ts';
import { problemsOf } from './helpers.ts';

const url = 'http://127.0.0.1:9090';
const PROMETHEUS = { url, query: 'up', above: 1 };

const parse = (trip: unknown) => parsePolicy({ methods: [{ trip }] }).methods[0];
const problems = (trip: unknown) => problemsOf(() => parse(trip));

describe('the signals of a policy', () => {
  it('are kept beside the conditions that the breaker judges itself', () => {
    const method = parse({ consecutiveFailures: 3, signal: ['hot', 'deploying', 'hot'], prometheus: PROMETHEUS });
    expect(method?.breaker.trip).toEqual({ consecutiveFailures: { threshold: 3 } });
    expect(method?.signals).toEqual({
      signal: ['hot', 'deploying'],
      prometheus: { url, query: 'up', above: 1, below: undefined, forMs: 10_000, everyMs: 5_000, maxAgeMs: 30_000 },
    });
  });

  it('may be all that trips it', () => {
    const method = parse({ signal: 'hot' });
    expect([method?.breaker.trip, method?.signals.signal]).toEqual([{}, ['hot']]);
  });

  it('are none by default', () => {
    const [method] = parsePolicy({}).methods;
    expect(method?.signals).toEqual({ signal: undefined, prometheus: undefined });
    expect(Object.keys(method?.breaker.trip ?? {})).toEqual(['adaptive']);
  });

  it.each<[object, object]>([
    [
      { above: undefined, below: -2.5 },
      { above: undefined, below: -2.5 },
    ],
    [{ for: 0 }, { forMs: 0 }],
    [
      { every: '100ms', for: '1m', maxAge: '2s' },
      { everyMs: 100, forMs: 60_000, maxAgeMs: 2_000 },
    ],
    [{ every: '1m' }, { everyMs: 60_000, maxAgeMs: 180_000 }],
    [{ url: 'https://metrics.test/prometheus/?tenant=a' }, { url: 'https://metrics.test/prometheus/?tenant=a' }],
  ])('reads %o', (options, expected) => {
    expect(parse({ prometheus: { ...PROMETHEUS, ...options } })?.signals.prometheus).toMatchObject(expected);
  });

  it.each<[string, object, string[]]>([
    ['neither limit', { above: undefined }, ['above: is missing; expected above or below, the value that trips']],
    ['both limits', { below: 0 }, ['below: stands beside above; expected one of them']],
    ['a limit that is no number', { above: '25ms' }, ['above: is "25ms"; expected a number']],
    [
      'no address',
      { url: '127.0.0.1:9090' },
      ['url: "127.0.0.1:9090" is no address; expected one such as "http://127.0.0.1:9090"'],
    ],
    ['a file', { url: 'file:///etc' }, ['url: "file:///etc" is no address; expected one such as "http://127.0.0.1:9090"']],
    [
      'a password in the document',
      { url: 'http://u:p@127.0.0.1:9090' },
      ['url: carries a user or a password; give them in code: prometheus({ headers: { authorization: ... } })'],
    ],
    ['the API in the address', { url: `${url}/api/v1/query` }, ['url: names the API; leave /api/v1 and what follows away']],
    ['an empty query', { query: ' ' }, ['query: is empty; expected PromQL']],
    ['a pace that floods', { every: '1ms' }, ['every: is "1ms"; expected a duration from "100ms" to "1h"']],
    ['a pace that sleeps', { every: '2h' }, ['every: is "2h"; expected a duration from "100ms" to "1h"']],
    ['a bad for', { for: 5 }, ['for: is 5; expected a duration such as "10s", or 0']],
    [
      'an age that no sample keeps',
      { maxAge: '2s' },
      ['maxAge: is 2000 ms, shorter than every (5000 ms), so that no time would ever count; expected at least as long'],
    ],
    ['a misspelled option', { evry: '5s' }, ['evry: is not an option here; did you mean "every"?']],
  ])('refuses %s', (_name, options, expected) => {
    const at = expected.map((line) => `methods[0].trip.prometheus.${line}`);
    expect(problems({ prometheus: { ...PROMETHEUS, ...options } })).toEqual(at);
  });

  it('refuses an empty list of signals', () => {
    expect(problems({ signal: [] })).toEqual([
      'methods[0].trip.signal: is empty; expected the name of a signal, or leave signal out',
    ]);
  });

  it.each<[unknown, string]>([
    ['', ': is ""; expected the name of a registered signal, or a list of names'],
    [7, ': is 7; expected the name of a registered signal, or a list of names'],
    [['hot', 7], '[1]: is 7; expected the name of a signal'],
  ])('refuses %o for the name of a signal', (signal, problem) => {
    expect(problems({ signal })).toEqual([`methods[0].trip.signal${problem}`]);
  });

  it.each(['signal', 'prometheus'])('are told to be for policies where a breaker alone has a %s', (name) => {
    const trip = { signal: { signal: 'hot' }, prometheus: { prometheus: PROMETHEUS } }[name];
    expect(problemsOf(() => parseBareBreaker({ trip }))).toEqual([
      expect.stringMatching(new RegExp(`^trip\\.${name}: is for policies, see createBreakers.*breaker\\.trip\\(reason\\)`)),
    ]);
  });
});
