import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attach } from './helpers/attached.ts';
import { slowMessage } from './helpers/interceptors.ts';
import { type Plan, play } from './helpers/play.ts';
import { steadily } from './helpers/quiet.ts';
import { type Script, scripted } from './helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from './helpers/scripted-server.ts';
import type { CallType } from './helpers/scripted-service.ts';

// How long a call took, for the breaker: what its server needed, not what its caller or a long stream did.

const SLOW_MS = 80;
const three = [{}, {}, {}];

const ROWS: readonly { name: string; types: readonly CallType[]; script: Script; plan?: Plan; slow: boolean }[] = [
  { name: 'a quick answer', types: ['unary', 'upload', 'download', 'chat'], script: {}, slow: false },
  { name: 'a late answer', types: ['unary', 'upload', 'download', 'chat'], script: { delayMs: 2 * SLOW_MS }, slow: true },
  {
    name: 'a late error',
    types: ['unary', 'upload', 'download', 'chat'],
    script: { answers: 0, code: 5, delayMs: 2 * SLOW_MS },
    slow: true,
  },
  {
    name: 'headers at once and a late answer',
    types: ['unary', 'upload'],
    script: { headers: { a: 'b' }, statusDelayMs: 2 * SLOW_MS },
    slow: true,
  },
  {
    name: 'a caller that takes its time to ask',
    types: ['upload', 'chat'],
    script: {},
    plan: { requests: three, requestGapMs: SLOW_MS },
    slow: false,
  },
  {
    name: 'a caller that takes its time and a late answer',
    types: ['upload', 'chat'],
    script: { delayMs: 2 * SLOW_MS },
    plan: { requests: three, requestGapMs: 10 },
    slow: true,
  },
  {
    name: 'a long stream that began at once',
    types: ['download', 'chat'],
    script: { answers: 4, gapMs: SLOW_MS / 2 },
    slow: false,
  },
  { name: 'a stream that began late', types: ['download', 'chat'], script: { answers: 2, delayMs: 2 * SLOW_MS }, slow: true },
  {
    name: 'a stream whose status came late',
    types: ['download', 'chat'],
    script: { answers: 1, statusDelayMs: 2 * SLOW_MS },
    slow: false,
  },
];

describe('a call is slow by what its server needed', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  const rows = ROWS.flatMap((row) => row.types.map((type) => ({ ...row, type })));
  it.each(rows)('$name: $slow ($type)', ({ type, script, plan, slow }) =>
    steadily(async () => {
      const slowCallRate = { slowerThan: `${SLOW_MS}ms`, threshold: '100%', window: { calls: 1 }, minCalls: 1 } as const;
      const attached = attach({ trip: { slowCallRate }, openFor: '1h', backoff: { max: '1h' } });
      const client = attached.connect(server.target);
      await play(attach().connect(server.target), type);
      await play(client, type, { ...plan, metadata: scripted(script) });
      const { state, verdict } = attached.breaker(server.target, type);
      expect(state).toBe(slow ? 'open' : 'closed');
      if (slow) expect(verdict).toMatchObject({ reason: 'slowCallRate', slow: 1, calls: 1 });
    }),
  );

  it.each(['download', 'chat'] as const)('does not count the time before a stream is read (%s)', (type) =>
    steadily(async () => {
      const slowCallRate = { slowerThan: `${SLOW_MS}ms`, threshold: '100%', window: { calls: 1 }, minCalls: 1 } as const;
      const attached = attach({ trip: { slowCallRate } });
      const client = attached.connect(server.target);
      const metadata = scripted({ early: true, answers: 2 });
      const stream = type === 'download' ? client.download({}, metadata, {}) : client.chat(metadata, {});
      const ended = new Promise((resolve) => stream.on('status', resolve));
      await new Promise((resolve) => setTimeout(resolve, 2 * SLOW_MS));
      stream.on('data', () => {});
      await ended;
      expect(attached.breaker(server.target, type).state).toBe('closed');
    }),
  );

  it('does not count the time that an interceptor outside keeps the request which the key needs', () =>
    steadily(async () => {
      const slowCallRate = { slowerThan: `${SLOW_MS}ms`, threshold: '100%', window: { calls: 1 }, minCalls: 1 } as const;
      const attached = attach({ trip: { slowCallRate }, key: ['target', 'method', 'request.model_name'] });
      const client = attached.connect(server.target, { interceptors: [slowMessage(2 * SLOW_MS)] });
      for (const type of ['unary', 'download'] as const) {
        await play(client, type, { requests: [{ model_name: 'iris' }] });
        expect(attached.breaker(server.target, type, '[iris]').state).toBe('closed');
      }
    }));
});
