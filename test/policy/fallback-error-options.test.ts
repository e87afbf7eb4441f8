import { describe, expect, it } from 'vitest';
import { type FallbackErrorOptions, fallbackErrorSchema } from '../../src/policy/fallback-error-options.ts';
import { parsePolicy } from '../../src/policy/policy.ts';
import { problemsOf } from './helpers.ts';

/** What is wrong with the options of a source, with the path within it. */
function problems(error: unknown): string[] {
  const sources = [{ error }];
  const all = problemsOf(() => parsePolicy({ methods: [{ fallback: { sources } }] }));
  return all.map((problem) => problem.replace('methods[0].fallback.sources[0].error', ''));
}

describe('reads', () => {
  const defaults = { code: 10, message: '', info: undefined, retryDelayMs: undefined, details: [] };
  const bytes = Buffer.from([0, 255]);

  it.each<[string, Partial<FallbackErrorOptions>, object]>([
    ['a code', {}, {}],
    ['a text', { message: 'hold' }, { message: 'hold' }],
    ['a reason', { reason: 'HOLD_2' }, { info: { reason: 'HOLD_2', domain: undefined, metadata: {} } }],
    [
      'a reason with its domain and more',
      { reason: 'HOLD', domain: 'desk.example', metadata: { desk: 'fx' } },
      { info: { reason: 'HOLD', domain: 'desk.example', metadata: { desk: 'fx' } } },
    ],
    ['a time to wait', { retryAfter: '1.5s' }, { retryDelayMs: 1_500 }],
    [
      'details, as bytes and as base64',
      {
        details: [
          { type: 'google.rpc.Help', value: bytes },
          { type: 'a.B', value: 'AP8=' },
        ],
      },
      {
        details: [
          { type: 'google.rpc.Help', value: bytes },
          { type: 'a.B', value: bytes },
        ],
      },
    ],
  ])('%s', (_, options, expected) => {
    expect(fallbackErrorSchema.parse({ code: 'ABORTED', ...options })).toEqual({ ...defaults, ...expected });
  });
});

describe('is refused', () => {
  const REASON = 'expected UPPER_SNAKE_CASE of at most 63 characters, as google.rpc.ErrorInfo asks';
  const PACKED = 'expected a list of packed messages: [{ type, value }]';
  const code = 'ABORTED';

  it.each<[unknown, string]>([
    [null, ': is null; expected an object with code, such as { code: ABORTED }'],
    ['ABORTED', ': is "ABORTED"; expected an object with code, such as { code: ABORTED }'],
    [{}, '.code: is missing; expected the name of a gRPC status, such as UNAVAILABLE'],
    [{ code: 10 }, '.code: is 10; expected the name of a gRPC status, such as UNAVAILABLE'],
    [{ code: 'OK' }, '.code: OK is no failure; expected the name of another gRPC status, such as UNAVAILABLE'],
    [{ code: 'ABORTD' }, '.code: "ABORTD" is not a gRPC status; did you mean ABORTED?'],
    [{ code, message: 5 }, '.message: is 5; expected a text'],
    [{ code, reason: 'hold' }, `.reason: is "hold"; ${REASON}`],
    [{ code, reason: 5 }, `.reason: is 5; ${REASON}`],
    [{ code, reason: 'H'.repeat(64) }, `.reason: is "${'H'.repeat(60)}..."; ${REASON}`],
    [{ code, domain: 'desk' }, '.domain: belongs to a reason, which is missing; add reason'],
    [{ code, metadata: { desk: 'fx' } }, '.metadata: belongs to a reason, which is missing; add reason'],
    [{ code, reason: 'A', domain: '' }, '.domain: is ""; expected a text such as "models.example.com"'],
    [{ code, reason: 'A', metadata: [] }, '.metadata: is a list; expected texts by name, such as { desk: fx }'],
    [{ code, reason: 'A', metadata: { desk: 5 } }, '.metadata.desk: is 5; expected a text'],
    [
      { code, retryAfter: 5 },
      '.retryAfter: 5 is not a duration; expected a duration with its unit, such as "50ms", "5s" or "2m"',
    ],
    [{ code, details: {} }, `.details: is an object; ${PACKED}`],
    [{ code, details: [5] }, '.details[0]: is 5; expected a packed message: { type, value }'],
    [{ code, details: [{ value: '' }] }, '.details[0].type: is missing; expected a message type such as google.rpc.Help'],
    [
      { code, details: [{ type: 'type.googleapis.com/google.rpc.Help', value: '' }] },
      '.details[0].type: is "type.googleapis.com/google.rpc.Help"; expected a message type such as google.rpc.Help',
    ],
    [
      { code, details: [{ type: 'a.B', value: 'not base64' }] },
      '.details[0].value: is "not base64"; expected bytes, or a base64 text',
    ],
    [{ code, details: [{ type: 'a.B', value: 5 }] }, '.details[0].value: is 5; expected bytes, or a base64 text'],
    [{ code, detail: [] }, '.detail: is not an option here; did you mean "details"?'],
  ])('%j', (options, problem) => {
    expect(problems(options)).toEqual([problem]);
  });

  it('with every problem at once', () => {
    expect(problems({ code, domain: 'desk', metadata: { desk: 'fx' } })).toHaveLength(2);
  });
});
