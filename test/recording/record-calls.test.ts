import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { status as Status } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { recordCalls } from '../../src/recording/record-calls.ts';
import { attach } from '../grpc/helpers/attached.ts';
import { play } from '../grpc/helpers/play.ts';
import { scripted } from '../grpc/helpers/script.ts';
import { startScriptedServer } from '../grpc/helpers/scripted-server.ts';
import { callsOf, notesOf } from './helpers/read.ts';
import { temporaryFolder } from './helpers/temporary-folder.ts';

async function recorded() {
  const server = await startScriptedServer();
  onTestFinished(() => server.stop());
  const file = join(temporaryFolder(), 'calls.jsonl');
  const record = recordCalls(file);
  const { breakers, connect, breaker } = attach({ trip: { consecutiveFailures: 2 }, openFor: '1h', rampUp: 0 }, { record });
  return { server, file, record, breakers, client: connect(server.target), breaker };
}

describe('calls of an attached client', () => {
  it('stand in the recording, each with its start, duration, code and how it counted', async () => {
    const { client, record, file, server } = await recorded();
    await play(client, 'unary', { options: { deadline: Date.now() + 5_000 } });
    await play(client, 'unary', { metadata: scripted({ code: Status.NOT_FOUND, delayMs: 30 }) });
    await play(client, 'unary', { metadata: scripted({ code: Status.UNAVAILABLE }) });
    await play(client, 'unary', { metadata: scripted({ hang: true }), cancel: 40 });
    await play(client, 'unary', { metadata: scripted({ code: Status.UNAVAILABLE }) });
    await play(client, 'unary');
    await record.close();

    const calls = callsOf(file);
    // kind: 0 success, 1 failure, 4 ignored because it was cancelled; a refusal has its reason in place of the duration.
    expect(calls.map(([, , took, code, kind]) => (Number(took) < 0 ? ['refused', took] : [code, kind]))).toEqual([
      [Status.OK, 0],
      [Status.NOT_FOUND, 0],
      [Status.UNAVAILABLE, 1],
      [Status.CANCELLED, 4],
      [Status.UNAVAILABLE, 1],
      ['refused', -1],
    ]);
    expect(calls[1]?.[2]).toBeGreaterThan(25_000);
    expect(calls[1]?.[2]).toBeLessThan(1_000_000);
    expect(record).toMatchObject({ calls: 6, dropped: 0 });
    const notes = notesOf(file);
    expect(notes[0]).toMatchObject({ grpcBreakerCalls: 1, part: 0, began: expect.closeTo(Date.now(), -5) });
    const method = 'scripted.v1.Scripted/Unary';
    const described = notes.find((note) => 'name' in note);
    expect(described).toMatchObject({ target: server.target, method, key: `${server.target}/${method}` });
    expect(described?.['deadline']).toBeGreaterThan(4_000_000);
    expect(notes.find((note) => 'event' in note)?.['event']).toMatchObject({
      to: 'open',
      openForMs: 3_600_000,
      mode: 'enforce',
      verdict: { failures: 2 },
    });
    expect(notes.at(-1)).toMatchObject({ closed: true });
  });

  it('have nothing of their messages and metadata in it', async () => {
    const { client, record, file } = await recorded();
    const metadata = scripted({});
    metadata.set('authorization', 'hidden-token');
    await play(client, 'unary', { metadata, requests: [{ model: 'hidden-model' } as never] });
    await record.close();
    expect(callsOf(file)).toHaveLength(1);
    expect(readFileSync(file, 'utf8')).not.toContain('hidden');
  });

  it('have the time to their first message where they are streams', async () => {
    const { client, record, file } = await recorded();
    await play(client, 'download', { metadata: scripted({ answers: 3, gapMs: 60 }) });
    await record.close();
    const [call] = callsOf(file);
    expect(notesOf(file).find((note) => 'name' in note)).toMatchObject({ stream: true });
    // Three messages, two gaps: its latency is far from its duration.
    expect(Number(call?.[2]) - Number(call?.[5])).toBeGreaterThan(100_000);
    expect(call?.[5]).toBeGreaterThan(0);
  });
});
