import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Classify, EndedStatus } from '../../../src/index.ts';
import { attach } from '../helpers/attached.ts';
import { codeOf, messagesOf, play } from '../helpers/play.ts';
import { type Script, scripted } from '../helpers/script.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { type Answer, CALL_TYPES, receivesStream } from '../helpers/scripted-service.ts';

// `classify`: code of the policy that says how a call counts.

describe('classify', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  async function judged(classify: Classify, script: Script, type: (typeof CALL_TYPES)[number]) {
    const attached = attach({ classify });
    const played = await play(attached.connect(server.target), type, { metadata: scripted(script) });
    const { success, failure, ignored } = attached.breaker(server.target, type).snapshot().counts;
    return { played, counts: [success, failure, ignored], warnings: attached.warnings };
  }

  describe.each(CALL_TYPES)('%s', (type) => {
    it('sees the status and the last message, and the caller sees no difference', async () => {
      const seen: [EndedStatus, unknown][] = [];
      const classify: Classify = (status, response) => {
        seen.push([status, (response as Answer | null | undefined)?.text]);
        return 'failure';
      };
      const answers = receivesStream(type) ? 3 : 1;
      const { played, counts } = await judged(classify, { answers }, type);
      expect(seen).toEqual([[{ code: Status.OK, details: expect.any(String) }, `answer ${answers - 1}`]]);
      expect(counts).toEqual([0, 1, 0]);
      expect(codeOf(played)).toBe(Status.OK);
      expect(messagesOf(played)).toHaveLength(answers);
    });

    it('has no message where there was none', async () => {
      const seen: unknown[] = [];
      const classify: Classify = (_status, response) => void seen.push(response);
      const { counts } = await judged(classify, { answers: 0, code: Status.UNAVAILABLE }, type);
      expect(seen.map((response) => response ?? undefined)).toEqual([undefined]);
      expect(counts).toEqual([0, 1, 0]);
    });

    it.each([
      ['success', [1, 0, 0]],
      ['failure', [0, 1, 0]],
      ['ignored', [0, 0, 1]],
    ] as const)('%s is what counts, over the status codes', async (outcome, expected) => {
      for (const code of [Status.OK, Status.INTERNAL, Status.NOT_FOUND]) {
        const { counts, played } = await judged(() => outcome, { answers: 0, code }, type);
        expect(counts).toEqual(expected);
        expect(codeOf(played)).toBe(code);
      }
    });
  });

  const BROKEN: readonly { name: string; classify: () => unknown }[] = [
    {
      name: 'throws',
      classify: () => {
        throw new Error('broken');
      },
    },
    { name: 'is asynchronous', classify: async () => 'success' },
    { name: 'returns another word', classify: () => 'fine' },
    { name: 'returns null', classify: () => null },
  ];
  it.each(BROKEN)('one that $name leaves it to the codes, and is reported once', async ({ classify }) => {
    const attached = attach({ classify: classify as Classify });
    const client = attached.connect(server.target);
    for (let call = 0; call < 3; call++) {
      const played = await play(client, 'unary', { metadata: scripted({ answers: 0, code: Status.INTERNAL }) });
      expect(codeOf(played)).toBe(Status.INTERNAL);
    }
    expect(attached.breaker(server.target, 'unary').snapshot().counts).toMatchObject({ success: 0, failure: 3 });
    expect(attached.warnings).toEqual([expect.stringContaining('classify')]);
  });

  it('one that returns undefined leaves it to the codes without a word', async () => {
    const { counts, warnings } = await judged(() => undefined, { answers: 0, code: Status.INTERNAL }, 'unary');
    expect(counts).toEqual([0, 1, 0]);
    expect(warnings).toEqual([]);
  });

  it('is not asked about a cancel of the caller', async () => {
    let asked = 0;
    const classify: Classify = () => {
      asked++;
      return 'failure';
    };
    const attached = attach({ classify });
    const client = attached.connect(server.target);
    await play(client, 'unary', { metadata: scripted({ answers: 0, hang: true }), cancel: 20 });
    expect(asked).toBe(0);
    expect(attached.breaker(server.target, 'unary').snapshot().counts).toMatchObject({ failure: 0, ignored: 1 });
  });

  it('can trip on errors inside OK answers', async () => {
    const attached = attach({
      trip: { consecutiveFailures: 2 },
      classify: (_status, response) => ((response as Answer | undefined)?.text === 'answer 0' ? 'failure' : 'success'),
    });
    const client = attached.connect(server.target);
    for (const state of ['closed', 'open']) {
      await play(client, 'unary');
      expect(attached.breaker(server.target, 'unary').state).toBe(state);
    }
  });
});
