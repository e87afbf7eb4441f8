import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fallbackOf } from '../../src/index.ts';
import { serviceAvailable } from './harness/availability.ts';
import type { CallResult } from './harness/inference-client.ts';
import { irisRequest, type ModelInferRequest, type ModelInferResponse, numbersOf } from './harness/inference-messages.ts';
import { Mlserver } from './harness/mlserver.ts';
import { connectModels, type ModelClient } from './harness/model-client.ts';
import { TRITON, Triton } from './harness/triton.ts';
import { floatsOf, tritonRequest } from './harness/triton-client.ts';
import { until } from './harness/until.ts';

/** An answer older than this is never served. */
const MAX_AGE_MS = 1500;

const DEADLINE_MS = 300;

/** A server that is stopped and goes on, and a question with its answer. */
interface Case {
  readonly name: string;
  readonly isThere: boolean;
  readonly start: () => Promise<Mlserver | Triton>;
  readonly model: string;
  readonly question: ModelInferRequest;
  readonly other: ModelInferRequest;
  readonly read: (response: ModelInferResponse | undefined) => unknown;
  readonly answer: unknown;
}

const CASES: readonly Case[] = [
  {
    name: 'MLServer',
    isThere: serviceAvailable('mlserver'),
    start: () => Mlserver.start(),
    model: 'iris',
    question: irisRequest(''),
    other: irisRequest('', [[6.3, 3.3, 6.0, 2.5]]),
    read: (response) => numbersOf(response)?.map(Number),
    answer: [0, 1, 2],
  },
  {
    name: 'Triton',
    isThere: serviceAvailable(TRITON),
    start: () => Triton.start(),
    model: 'dbl',
    question: tritonRequest('dbl'),
    other: tritonRequest('dbl', {}, [5, 6]),
    read: floatsOf,
    answer: [2, 4],
  },
];

describe.each(CASES)('$name that stops and goes on', ({ isThere, start, model, question, other, read, answer }) => {
  let server: Mlserver | Triton;
  let models: ModelClient;

  beforeAll(async () => {
    server = await start();
    models = connectModels(server.target, {
      deadline: `${DEADLINE_MS}ms`,
      fallback: {
        on: ['failed', 'rejected'],
        sources: [
          { name: 'last', lastGood: { maxAge: `${MAX_AGE_MS}ms`, key: ['model_name', 'inputs', 'raw_input_contents'] } },
          { name: 'none', message: { model_name: 'none' } },
        ],
      },
    });
  });
  afterAll(async () => {
    models?.close();
    await server?.stop();
  });

  it.skipIf(!isThere)('is answered for by its last good answer, whose age is told, until that is too old', async () => {
    let asked = 0;
    // Each with an id of its own, as clients make them.
    const ask = (request = question): Promise<CallResult<ModelInferResponse>> =>
      models.infer({ ...request, id: `${++asked}` }, {});
    const first = await until('it answers', async () => {
      const result = await ask();
      return fallbackOf(result.response) === undefined && result;
    });
    expect(read(first.response)).toEqual(answer);
    const storedAtMs = performance.now();

    server.hang();
    try {
      const sources: string[] = [];
      const reasons = new Set<string>();
      let otherAsked = false;
      await until(
        'the answer is too old',
        async () => {
          const { response, error, durationMs, headers } = await ask();
          const goneMs = performance.now() - storedAtMs;
          expect(error).toBeUndefined();
          const from = fallbackOf(response);
          if (from === undefined) throw new Error('a stopped server answered');
          sources.push(from.source);
          reasons.add(from.reason);
          expect(headers?.['grpc-breaker-fallback']).toBe(from.source);
          if (from.reason === 'rejected') expect(durationMs).toBeLessThan(DEADLINE_MS);
          if (from.source === 'last') {
            expect(read(response)).toEqual(answer);
            expect(from.ageMs).toBeLessThanOrEqual(MAX_AGE_MS);
            // From the start of the call that brought it: a little more than since it came, and before the answer is here.
            expect(from.ageMs).toBeLessThanOrEqual(goneMs + first.durationMs + 5);
            expect(Number(headers?.['grpc-breaker-age-ms'])).toBe(Math.ceil(from.ageMs ?? -1));
          } else expect(goneMs + first.durationMs).toBeGreaterThanOrEqual(MAX_AGE_MS - 5);
          if (!otherAsked) {
            // What nobody has asked before has no last answer.
            otherAsked = true;
            expect(fallbackOf((await ask(other)).response)?.source).toBe('none');
          }
          return from.source === 'none';
        },
        { withinMs: MAX_AGE_MS + 5000 },
      );
      expect(new Set(sources.slice(0, -1))).toEqual(new Set(['last']));
      expect(reasons).toEqual(new Set(['failed', 'rejected']));
      expect(models.transitions[0]).toMatchObject({ to: 'open', verdict: { reason: 'consecutiveFailures' } });
    } finally {
      server.resume();
    }

    const breaker = models.breakerOf(model);
    await until('the breaker closes', async () => {
      await ask();
      return breaker.state === 'closed';
    });
    const last = await ask();
    expect(fallbackOf(last.response)).toBeUndefined();
    expect(read(last.response)).toEqual(answer);
    expect(last.headers?.['grpc-breaker-fallback']).toBeUndefined();
  });
});
