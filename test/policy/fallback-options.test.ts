import { describe, expect, it } from 'vitest';
import type { CauseFilter } from '../../src/policy/fallback-cause.ts';
import { type FallbackOptions, fallbackSchema } from '../../src/policy/fallback-options.ts';

/** What a filter lets through, for people. */
function shown({ rejected, failed, codes, stale }: CauseFilter): string[] {
  return [...(rejected ? ['rejected'] : []), ...(failed ? ['failed'] : []), ...codes, ...(stale ? ['stale'] : [])].map(String);
}

describe('is asked', () => {
  it.each<[string, FallbackOptions, string[]]>([
    ['for refused and for late calls, by default', { sources: [{ message: {} }] }, ['rejected', 'stale']],
    ['for what it is told', { on: ['failed', 'rejected'], sources: [{ message: {} }] }, ['rejected', 'failed']],
    ['for one thing without a list', { on: 'stale', sources: [{ message: {} }] }, ['stale']],
    ['for some status codes', { on: [{ failed: ['NOT_FOUND', 'UNAVAILABLE'] }], sources: [{ message: {} }] }, ['5', '14']],
    ['for what its sources say', { sources: [{ message: {}, when: 'failed' }] }, ['failed']],
    [
      'for what any of its sources says',
      {
        sources: [
          { message: {}, when: 'rejected' },
          { messages: [], when: ['failed', { failed: ['NOT_FOUND'] }] },
          { message: {}, when: 'failed' },
        ],
      },
      ['rejected', 'failed', '5'],
    ],
    [
      'by default besides, where one of its sources says nothing',
      { sources: [{ message: {}, when: 'failed' }, { message: {} }] },
      ['rejected', 'failed', 'stale'],
    ],
  ])('%s', (_, options, on) => {
    expect(shown(fallbackSchema.parse(options).on)).toEqual(on);
  });
});

it('names its sources by their kind, or as told', () => {
  const make = () => ({});
  const sources = [{ message: { a: 1 } }, { messages: [{}, {}] }, { function: make }, { function: make, name: 'last-good.v1' }];
  expect(fallbackSchema.parse({ sources }).sources).toEqual([
    { name: 'message', message: { a: 1 } },
    { name: 'messages', messages: [{}, {}] },
    { name: 'function', function: make },
    { name: 'last-good.v1', function: make },
  ]);
});

it('takes a null or a zero for a message: they are checked against the type of the method later', () => {
  expect(fallbackSchema.parse({ sources: [{ message: null }] }).sources[0]).toMatchObject({ name: 'message', message: null });
});

describe('is refused', () => {
  const ONE_OF = 'expected exactly one of message, messages, function, lastGood, call, error';
  const CAUSES = 'expected rejected, failed, stale or { failed: [UNAVAILABLE, ...] }';

  it.each<[unknown, string]>([
    [{}, 'sources: expected a list of sources'],
    [{ sources: {} }, 'sources: expected a list of sources'],
    [{ sources: [] }, 'sources: is empty; expected at least one source'],
    [{ sources: [{}] }, `sources.0: has no answer; ${ONE_OF}`],
    [{ sources: [{ name: 'a', when: 'rejected' }] }, `sources.0: has no answer; ${ONE_OF}`],
    [{ sources: [{ message: {}, function: () => {} }] }, `sources.0: has message and function; ${ONE_OF}`],
    [{ sources: [{ messages: {} }] }, 'sources.0.messages: expected a list of messages'],
    [
      { sources: [{ function: 1 }] },
      'sources.0.function: expected a function (request, context) => response, or the name of a registered one',
    ],
    [{ sources: [{ message: {}, name: 'a b' }] }, 'sources.0.name: expected up to 64 letters, digits, dots, dashes'],
    [{ sources: [{ message: {}, name: 'a'.repeat(65) }] }, 'sources.0.name: expected up to 64 letters, digits, dots, dashes'],
    [{ sources: [{ message: {}, when: 'always' }] }, `sources.0.when: ${CAUSES}`],
    [{ on: [], sources: [{ message: {} }] }, `on: is empty; ${CAUSES}`],
    [{ on: ['always'], sources: [{ message: {} }] }, `on.0: ${CAUSES}`],
    [
      { on: [{ failed: ['OK'] }], sources: [{ message: {} }] },
      'on.0.failed.0: OK is no failure; expected the name of another gRPC status, such as UNAVAILABLE',
    ],
    [{ on: [{ failed: [] }], sources: [{ message: {} }] }, 'on.0.failed: is empty; expected at least one status name'],
    [
      { on: ['rejected'], sources: [{ message: {} }, { message: {}, when: 'failed' }] },
      'sources.1.when: names something that "on" does not ask this fallback for; add it to "on", or leave "on" out',
    ],
  ])('%j', (options, problem) => {
    const problems = fallbackSchema.safeParse(options).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    expect(problems).toEqual([problem]);
  });
});
