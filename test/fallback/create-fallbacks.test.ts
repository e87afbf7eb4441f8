import { describe, expect, it } from 'vitest';
import { createBreakers, type FallbackSourceOptions, type MethodPolicyOptions } from '../../src/index.ts';
import { SCRIPTED, Scripted } from '../grpc/helpers/scripted-service.ts';
import { problemsOf } from '../policy/helpers.ts';

// What is wrong with a fallback for the very method that it is for.

/** The problems of a policy for some methods. */
function problems(methods: readonly string[], options: MethodPolicyOptions): string[] {
  const name = methods.map((method) => ({ service: SCRIPTED, method }));
  return problemsOf(() =>
    createBreakers({ methods: [{ ...options, name }] }, { services: [Scripted.service], telemetry: false }),
  );
}

const LAST_GOOD: FallbackSourceOptions = { lastGood: { maxAge: '1s' } };

describe('is refused', () => {
  it('a source for a method of another policy: it would never be asked', () => {
    const fallback = { sources: [{ error: { code: 'ABORTED' }, method: `${SCRIPTED}/Chat` } as const] };
    expect(problems(['Unary'], { fallback })).toEqual([
      'methods[0].fallback.sources[0].method: is scripted.v1.Scripted/Chat, which is not a method of this policy; move the source to the policy that names it',
    ]);
  });

  it.each(['Upload', 'Download', 'Chat'])('the last good answer of a method with streams (%s)', (method) => {
    expect(problems([method], { fallback: { sources: [LAST_GOOD] } })).toEqual([
      `methods[0].fallback.sources[0].lastGood: ${SCRIPTED}/${method} has streams; a last good answer is for one request and one response`,
    ]);
  });

  it('a limit that a method cannot have', () => {
    expect(problems(['Unary'], { stream: { messageGap: '50ms' } })).toEqual([
      'methods[0].stream: scripted.v1.Scripted/Unary has a single response; expected deadline or staleAfter',
    ]);
    expect(problems(['Chat'], { staleAfter: '20ms' })).toEqual([
      'methods[0].staleAfter: scripted.v1.Scripted/Chat streams its responses; expected stream.firstMessageWithin',
    ]);
  });

  it('a message with several things that do not fit, each with its path, for each method that it is for', () => {
    const message = { txt: 'hold', owner: { priority: 'high' } };
    expect(problems(['Unary', 'Upload'], { fallback: { sources: [LAST_GOOD, { message }] } })).toEqual([
      expect.stringMatching(/^methods\[0\]\.fallback\.sources\[1\]\.message\.txt: is not a field .*\/Unary\)$/),
      expect.stringMatching(/^methods\[0\]\.fallback\.sources\[1\]\.message\.owner\.priority: "high" does not fit.*\/Unary\)$/),
      expect.stringContaining('Upload has streams'),
      expect.stringMatching(/^methods\[0\]\.fallback\.sources\[1\]\.message\.txt: is not a field .*\/Upload\)$/),
      expect.stringMatching(/^methods\[0\]\.fallback\.sources\[1\]\.message\.owner\.priority: "high" does not fit.*\/Upload\)$/),
    ]);
  });
});

it('a policy for all of a service may have sources that are for some of its methods only', () => {
  const sources: FallbackSourceOptions[] = [LAST_GOOD, { call: { client: { target: 'a:1', credentials: {} } } }];
  const methods = [{ name: [{ service: SCRIPTED }], fallback: { sources } }];
  createBreakers({ methods }, { services: [Scripted.service], telemetry: false }).dispose();
});
