import { describe, expect, it } from 'vitest';
import { type FallbackOptions, fallbackSchema } from '../../src/policy/fallback-options.ts';

describe('is asked', () => {
  it.each<[string, FallbackOptions, string[]]>([
    ['when the breaker rejects, by default', { sources: [{ message: {} }] }, ['rejected']],
    ['when it is told to', { on: ['failed', 'rejected'], sources: [{ message: {} }] }, ['failed', 'rejected']],
    ['when its sources say', { sources: [{ message: {}, when: 'failed' }] }, ['failed']],
    [
      'when any of its sources says',
      {
        sources: [
          { message: {}, when: 'rejected' },
          { messages: [], when: 'failed' },
          { message: {}, when: 'failed' },
        ],
      },
      ['rejected', 'failed'],
    ],
  ])('%s', (_, options, on) => {
    expect(fallbackSchema.parse(options).on).toEqual(on);
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
  const ONE_OF = 'expected exactly one of message, messages, function; it has';

  it.each<[unknown, string]>([
    [{}, 'sources: expected a list of sources'],
    [{ sources: {} }, 'sources: expected a list of sources'],
    [{ sources: [] }, 'sources: is empty; expected at least one source'],
    [{ sources: [{}] }, `sources.0: ${ONE_OF} none of them`],
    [{ sources: [{ name: 'a', when: 'rejected' }] }, `sources.0: ${ONE_OF} none of them`],
    [{ sources: [{ message: {}, function: () => {} }] }, `sources.0: ${ONE_OF} message and function`],
    [{ sources: [{ messages: {} }] }, 'sources.0.messages: expected a list of messages'],
    [{ sources: [{ function: 'f' }] }, 'sources.0.function: expected a function (request, context) => response'],
    [{ sources: [{ message: {}, name: 'a b' }] }, 'sources.0.name: expected up to 64 letters, digits, dots, dashes'],
    [{ sources: [{ message: {}, name: 'a'.repeat(65) }] }, 'sources.0.name: expected up to 64 letters, digits, dots, dashes'],
    [{ sources: [{ message: {}, when: 'always' }] }, 'sources.0.when: expected rejected or failed'],
    [{ on: [], sources: [{ message: {} }] }, 'on: is empty; expected rejected, failed or both'],
    [{ on: ['always'], sources: [{ message: {} }] }, 'on.0: expected rejected or failed'],
    [
      { on: ['rejected'], sources: [{ message: {} }, { message: {}, when: 'failed' }] },
      'sources.1.when: is failed, but "on" asks this fallback only when rejected; add failed to "on" or drop this source',
    ],
  ])('%j', (options, problem) => {
    const problems = fallbackSchema.safeParse(options).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    expect(problems).toEqual([problem]);
  });
});
