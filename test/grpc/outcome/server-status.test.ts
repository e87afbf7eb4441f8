import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/index.ts';
import { attach } from '../helpers/attached.ts';
import { codeOf, play } from '../helpers/play.ts';
import { type Script, scripted } from '../helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { CALL_TYPES, type CallType } from '../helpers/scripted-service.ts';

// How a call counts by the status that its server sent.

const FAILURES: readonly number[] = [
  Status.DEADLINE_EXCEEDED,
  Status.UNAVAILABLE,
  Status.INTERNAL,
  Status.UNKNOWN,
  Status.RESOURCE_EXHAUSTED,
  Status.DATA_LOSS,
];
const CODES = Object.values(Status).filter((code): code is Status => typeof code === 'number');

/** Ways in which a status may come. */
const WAYS: readonly { readonly name: string; readonly script: Script }[] = [
  { name: 'alone', script: { answers: 0 } },
  { name: 'after headers', script: { answers: 0, headers: { 'x-header': 'one' } } },
  { name: 'after answers', script: { answers: 2 } },
];

describe('a status that the server sent', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  async function outcomeOf(
    type: CallType,
    script: Script,
    policy = {},
  ): Promise<{ code: number | undefined; outcome: Outcome[] }> {
    const attached = attach(policy);
    const client = attached.connect(server.target);
    const code = codeOf(await play(client, type, { metadata: scripted(script) }));
    const { success, failure, ignored } = attached.breaker(server.target, type).snapshot().counts;
    const outcome = Object.entries({ success, failure, ignored }).flatMap(([name, count]) =>
      Array<Outcome>(count).fill(name as Outcome),
    );
    return { code, outcome };
  }

  describe.each(CALL_TYPES)('%s', (type) => {
    // Two answers to a call that has one are a case of their own.
    const ways = WAYS.map(({ name, script }) => ({
      name,
      script: script.answers === 2 && (type === 'unary' || type === 'upload') ? { answers: 1 } : script,
    }));
    const rows = CODES.flatMap((code) =>
      ways.map((way) => ({ code, way, name: Status[code], expected: FAILURES.includes(code) ? 'failure' : 'success' })),
    );
    it.each(rows)('$name $way.name is a $expected', async ({ code, way, expected }) => {
      const ended = await outcomeOf(type, { ...way.script, code, details: 'by the server' });
      // OK without any answer is one for streams only, and for the breaker.
      expect(ended).toEqual({ code, outcome: [expected] });
    });
  });

  // The texts that grpc-js has for faults of this side, from a server that says so itself.
  const TEXTS = [
    { code: Status.RESOURCE_EXHAUSTED, details: 'Received message larger than max (5 vs 4)' },
    { code: Status.RESOURCE_EXHAUSTED, details: 'Attempted to send message with a size larger than 4' },
    { code: Status.INTERNAL, details: 'Response message parsing error: index out of range' },
    { code: Status.INTERNAL, details: 'Request message serialization failure: no' },
    { code: Status.UNKNOWN, details: 'Getting metadata from plugin failed with error: no' },
  ];
  it.each(TEXTS)('"$details" is a failure when the server says it', async ({ code, details }) => {
    for (const type of CALL_TYPES)
      expect(await outcomeOf(type, { answers: 0, code, details })).toEqual({ code, outcome: ['failure'] });
  });

  it.each(CALL_TYPES)('a CANCELLED of the server is a success, however it is worded (%s)', async (type) => {
    for (const details of ['', 'Cancelled on client', 'Cancelled by parent call', 'Call cancelled']) {
      const ended = await outcomeOf(type, { answers: 0, code: Status.CANCELLED, details });
      expect(ended).toEqual({ code: Status.CANCELLED, outcome: ['success'] });
    }
  });

  it('a status that gRPC does not know is a success: the server answers', async () => {
    expect(await outcomeOf('unary', { answers: 0, code: 99 })).toEqual({ code: 99, outcome: ['success'] });
  });

  it('failureCodes of the policy replace the default ones', async () => {
    const policy = { failureCodes: ['NOT_FOUND', 'UNAVAILABLE'] };
    for (const type of CALL_TYPES) {
      expect((await outcomeOf(type, { answers: 0, code: Status.NOT_FOUND }, policy)).outcome).toEqual(['failure']);
      expect((await outcomeOf(type, { answers: 0, code: Status.UNAVAILABLE }, policy)).outcome).toEqual(['failure']);
      expect((await outcomeOf(type, { answers: 0, code: Status.INTERNAL }, policy)).outcome).toEqual(['success']);
    }
  });

  it('a streamed call is judged at its end, not when it is opened', async () => {
    for (const type of ['download', 'chat'] as const) {
      const script = { answers: 3, gapMs: 10, code: Status.UNAVAILABLE };
      expect(await outcomeOf(type, script)).toEqual({ code: Status.UNAVAILABLE, outcome: ['failure'] });
    }
  });
});
