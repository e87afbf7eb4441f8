import { monitorEventLoopDelay } from 'node:perf_hooks';
import { status as Status } from '@grpc/grpc-js';
import { array, assert, asyncProperty, constantFrom, option, record } from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type FallbackSourceOptions,
  type FallbackWhen,
  fallbackOf,
  isRejection,
  type MethodPolicyOptions,
} from '../../src/index.ts';
import { attachAll, ready } from '../grpc/helpers/attached.ts';
import { codeOf, messagesOf, type Played, play } from '../grpc/helpers/play.ts';
import { turns } from '../grpc/helpers/quiet.ts';
import { type Script, scripted } from '../grpc/helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { CALL_TYPES, type CallType, methodName, receivesStream, SCRIPTED } from '../grpc/helpers/scripted-service.ts';
import { expectChain, type ModelCause, type ModelSource } from './helpers/chain-model.ts';
import { errorInfoIn } from './helpers/error-info.ts';

// Random chains of sources that answer, fail, hang, dawdle or have nothing, over real calls that end in every way: each ends once, in time,
// with what its chain is to answer or as it would have ended, and no two of them share a message.

/** How a call comes to its chain: its script, and what the chain is told. */
const ENDS = {
  refused: { script: {}, cause: { cause: 'rejected', code: undefined } },
  fails: {
    script: { answers: 0, code: Status.UNAVAILABLE, details: 'sick' },
    cause: { cause: 'failed', code: Status.UNAVAILABLE },
  },
  isNotFound: {
    script: { answers: 0, code: Status.NOT_FOUND, details: 'sick' },
    cause: { cause: 'failed', code: Status.NOT_FOUND },
  },
  missesItsDeadline: { script: { answers: 0, hang: true }, cause: { cause: 'failed', code: Status.DEADLINE_EXCEEDED } },
  isStale: { script: { answers: 0, hang: true }, cause: { cause: 'stale', code: Status.DEADLINE_EXCEEDED } },
} as const satisfies Record<string, { script: Script; cause: ModelCause }>;

const STALE_AFTER_MS = 50;

const source = record({
  does: constantFrom<ModelSource['does'][]>('answers', 'answersError', 'hasNothing', 'hasNothing', 'fails', 'fails', 'hangs'),
  after: constantFrom<ModelSource['after'][]>('now', 'now', 0, 3, 160),
  when: option(constantFrom<NonNullable<ModelSource['when']>[]>('rejected', 'failed', 'stale', 'notFound'), {
    nil: undefined,
    freq: 2,
  }),
  timeoutMs: constantFrom(undefined, undefined, 20, 40),
}).map((given): ModelSource => (given.does === 'answersError' ? { ...given, after: 'now' } : given)); // A given error is there at once.
const scenario = record({
  type: constantFrom<CallType[]>(...CALL_TYPES),
  end: constantFrom(...(Object.keys(ENDS) as (keyof typeof ENDS)[])),
  deadlineMs: constantFrom(60, 100, 300),
  sources: array(source, { minLength: 1, maxLength: 5 }),
  isGiven: constantFrom(true, false),
});
type Scenario = typeof scenario extends { generate: (...given: never[]) => { value: infer T } } ? T : never;

const WHEN: Record<NonNullable<ModelSource['when']>, FallbackWhen> = {
  rejected: 'rejected',
  failed: 'failed',
  stale: 'stale',
  notFound: { failed: ['NOT_FOUND'] },
};

/** Makes a source do what the model says. All answers of functions are one object, so that sharing would show. */
function toOptions(
  { does, after, when, timeoutMs }: ModelSource,
  place: number,
  { type, isGiven }: Scenario,
): FallbackSourceOptions {
  const basics = {
    name: `source-${place}`,
    ...(when !== undefined && { when: WHEN[when] }),
    ...(timeoutMs !== undefined && { timeout: `${timeoutMs}ms` as const }),
  };
  const message = { text: `answer ${place}`, payload: Buffer.from([1, 2, 3]) };
  const isStream = receivesStream(type);
  if (does === 'answersError') return { ...basics, error: { code: 'ABORTED', message: `error ${place}` } };
  if (does === 'answers' && after === 'now' && isGiven) {
    const given = { text: message.text, payload: 'AQID' };
    return { ...basics, ...(isStream ? { messages: [given] } : { message: given }) };
  }
  const act = () => {
    if (does === 'fails') throw new Error(`source ${place} fails`);
    return does === 'answers' ? (isStream ? [message] : message) : undefined;
  };
  if (does === 'hangs') return { ...basics, function: () => new Promise(() => {}) };
  if (after === 'now') return { ...basics, function: act };
  if (after === 0) return { ...basics, function: async () => act() };
  const later = () =>
    new Promise((resolve, reject) => {
      setTimeout(() => {
        try {
          resolve(act());
        } catch (error) {
          reject(error);
        }
      }, after);
    });
  return { ...basics, function: later };
}

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

/** Makes some calls of a scenario at once. */
async function run(given: Scenario): Promise<Played[]> {
  const { type, end, deadlineMs, sources } = given;
  const policy: MethodPolicyOptions = {
    name: [{ service: SCRIPTED, method: methodName(type).split('/')[1] as string }],
    jitter: 0,
    rampUp: 0,
    openFor: '1h',
    backoff: { max: '1h' },
    trip: { consecutiveFailures: 99 },
    minBudget: '1ms',
    ...(end === 'isStale' && { staleAfter: `${STALE_AFTER_MS}ms` as const }),
    fallback: {
      on: ['rejected', 'failed', 'stale', { failed: ['NOT_FOUND'] }],
      sources: sources.map((model, place) => toOptions(model, place, given)),
    },
  };
  const attached = attachAll({ methods: [policy] });
  if (end === 'refused') await attached.open(server.target, [type]);
  const client = attached.connect(server.target);
  await ready(client);
  const { script } = ENDS[end];
  const calls = Array.from({ length: 3 }, () => {
    const options = end === 'isStale' ? {} : { deadline: Date.now() + deadlineMs };
    return play(client, type, { metadata: scripted(script), options });
  });
  const played = await Promise.all(calls);
  client.close();
  return played;
}

/** Checks how one call ended. */
function check(given: Scenario, played: Played, latenessMs: number): void {
  const { end, deadlineMs, sources } = given;
  const { cause } = ENDS[end];
  const atEnd = end === 'missesItsDeadline' || end === 'isStale';
  const { winners, endMs } = expectChain(sources, cause, atEnd ? 0 : deadlineMs);
  const context = JSON.stringify({ given, sights: played.sights });

  const ends = played.sights.filter(([what]) => what === 'status');
  expect(ends, context).toHaveLength(1);
  const messages = messagesOf(played);
  const errors = played.sights.filter(([what]) => what === 'error' || what === 'callback');
  expect(errors.length, context).toBe(codeOf(played) === Status.OK ? 0 : 1);

  const graceMs = cause.cause === 'failed' ? 25 : 0;
  expect(played.durationMs, context).toBeLessThan((end === 'isStale' ? STALE_AFTER_MS : deadlineMs) + graceMs + latenessMs);

  // Held up for so long, a call that was to fail at once can miss its deadline first.
  if (latenessMs > 60) return;
  // No source is waited for longer than its own timeout.
  if (!atEnd) expect(played.durationMs, context).toBeLessThan(endMs + latenessMs);

  const info = fallbackOf(messages[0] ?? played.error);
  const winner = info === undefined ? 'original' : Number(info.source.replace('source-', ''));
  expect([...winners], context).toContain(winner);
  if (info !== undefined && typeof winner === 'number') {
    expect(info.reason, context).toBe(cause.cause);
    if (sources[winner]?.does === 'answersError') {
      expect([codeOf(played), played.error?.details, messages.length], context).toEqual([Status.ABORTED, `error ${winner}`, 0]);
    } else {
      expect([codeOf(played), ...messages.map(({ text }) => text)], context).toEqual([Status.OK, `answer ${winner}`]);
    }
    return;
  }
  expect(messages, context).toEqual([]);
  expect(codeOf(played), context).toBe(cause.code ?? Status.UNAVAILABLE);
  expect(isRejection(played.error), context).toBe(end === 'refused');
  expect(errorInfoIn(played.error?.metadata)?.reason === 'STALE_ANSWER', context).toBe(end === 'isStale');
  if ('details' in ENDS[end].script) expect(played.error?.details, context).toBe('sick');
}

/** No message, and no bytes of one, belongs to two calls. */
function checkOwn(all: readonly Played[]): void {
  const messages = all.flatMap(messagesOf);
  expect(new Set(messages).size).toBe(messages.length);
  for (const [index, { payload }] of messages.entries()) payload.fill(index % 251);
  for (const [index, { payload }] of messages.entries()) expect([...payload]).toEqual([...payload].fill(index % 251));
}

it('each call ends once, in time, with the first answer of its chain or as it would have', async () => {
  const everything: Played[] = [];
  await assert(
    asyncProperty(array(scenario.filter(fits), { minLength: 1, maxLength: 8 }), async (scenarios) => {
      const delay = monitorEventLoopDelay({ resolution: 2 });
      delay.enable();
      const played = await Promise.all(scenarios.map(run));
      delay.disable();
      // What comes later than it should, comes while nobody listens any more.
      await new Promise((resolve) => setTimeout(resolve, 170));
      await turns(3);
      const latenessMs = 15 + (2 * delay.max) / 1e6;
      for (const [index, calls] of played.entries())
        for (const one of calls) check(scenarios[index] as Scenario, one, latenessMs);
      checkOwn(played.flat());
      everything.push(...played.flat());
    }),
    { numRuns: 25, interruptAfterTimeLimit: 50_000 },
  );
  checkOwn(everything);
  // A run that never came to a fallback, or always did, would say little.
  const served = everything.filter((one) => fallbackOf(messagesOf(one)[0] ?? one.error) !== undefined).length;
  expect(served).toBeGreaterThan(everything.length / 10);
  expect(served).toBeLessThan((everything.length * 9) / 10);
}, 60_000);

/** Freshness is for single responses. */
function fits({ type, end }: Scenario): boolean {
  return end !== 'isStale' || !receivesStream(type);
}
