import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { backtest } from '../../src/recording/backtest.ts';
import { recordCalls } from '../../src/recording/record-calls.ts';
import { RecordingError } from '../../src/recording/recording-error.ts';
import { playLive } from './helpers/live-run.ts';
import { temporaryFolder } from './helpers/temporary-folder.ts';

const POLICY = { methods: [{ trip: { consecutiveFailures: 5 }, mode: 'observe' as const }] };
const CALLS = 2_000;

let text = '';
let lines: readonly string[] = [];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-breaker-damage-'));
  const file = join(folder, 'calls.jsonl');
  const record = recordCalls(file);
  const calls = Array.from({ length: CALLS }, (_, n) => ({ atMs: 1 + n * 10, tookMs: 5, code: n % 400 < 20 ? 14 : 0 }));
  playLive(POLICY, calls, record);
  await record.close();
  text = readFileSync(file, 'utf8');
  lines = text.trimEnd().split('\n');
  rmSync(folder, { recursive: true });
});

/** Replays these bytes. */
async function replay(bytes: string | Uint8Array, name = 'calls.jsonl') {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, bytes);
  return await backtest({ policy: POLICY, recordings: file });
}

/** The recording with other lines in place of those from there on. */
function withLines(at: number, ...others: readonly string[]): string {
  return `${lines.toSpliced(at - 1, others.length, ...others).join('\n')}\n`;
}

describe('a recording that is damaged', () => {
  it('is not, when nothing is', async () => {
    const { recording, lanes } = await replay(text);
    expect(recording).toMatchObject({ calls: CALLS, badLines: 0, problems: [] });
    expect(lanes[1]?.total.trips).toBeGreaterThanOrEqual(5);
  });

  it.for([
    ['half a line', '[0,123', 'is no line of a recording'],
    ['something else', 'hello', 'is no line of a recording'],
    ['JSON of something else', '{"a":1}', 'is no line of a recording'],
    ['too few numbers', '[0,5]', 'is no call'],
    ['a breaker that nobody described', '[77,10000,5000,0,0]', 'names breaker 77, which no line before it describes'],
    ['a digit too many', '[0,9999999999999,5000,0,0]', 'has a time far from that of the lines around it'],
    ['a kind that there is not', '[0,10000,5000,0,999]', 'is no call'],
    ['bytes that are no text', '\u0000\u0001\uFFFD', 'is no line of a recording'],
    ['a number that is none', '[0,10000,50x0,0,0]', 'is no line of a recording'],
  ])('reports %s with its line, and uses the rest', async ([, line = '', message]) => {
    const { recording, lanes } = await replay(withLines(1_000, line));
    expect(recording.problems).toEqual([{ file: expect.any(String), line: 1_000, message }]);
    expect(recording).toMatchObject({ badLines: 1, calls: CALLS - 1 });
    expect(lanes[1]?.total.calls).toBe(CALLS - 1);
  });

  it('tells the first ten bad lines, and counts all of them', async () => {
    const { recording } = await replay(withLines(500, ...Array.from({ length: 50 }, () => '[broken')));
    expect(recording.problems.map(({ line }) => line)).toEqual(Array.from({ length: 10 }, (_, n) => 500 + n));
    expect(recording).toMatchObject({ badLines: 50, calls: CALLS - 50 });
  });

  it('uses what is there of a file that breaks off', async () => {
    const at = text.indexOf('\n', text.length / 2) - 4;
    const { recording } = await replay(text.slice(0, at));
    const whole = text.slice(0, at).split('\n').length - 1;
    expect(recording.badLines).toBe(1);
    expect(recording.problems.at(-1)).toMatchObject({ line: whole + 1, message: 'breaks off: what came before is used' });
    expect(recording.calls).toBeGreaterThan(CALLS / 2 - 20);
  });

  it.for([0.3, 0.6, 0.95])('uses what came of a compressed file that breaks off after a share of %s', async (share) => {
    const bytes = gzipSync(text);
    const { recording } = await replay(bytes.subarray(0, Math.floor(bytes.length * share)), 'calls.jsonl.gz');
    expect(recording.calls).toBeGreaterThan(CALLS * share * 0.4);
    expect(recording.calls).toBeLessThan(CALLS);
    expect(recording.problems.at(-1)?.message).toContain('breaks off');
  });

  it('says what is wrong with compressed data, and uses what came before', async () => {
    const bytes = Buffer.from(gzipSync(Array.from({ length: 40 }, () => text).join('')));
    bytes.fill(0xff, Math.floor(bytes.length * 0.8), Math.floor(bytes.length * 0.8) + 64);
    const { recording } = await replay(bytes, 'calls.jsonl.gz');
    expect(recording.calls).toBeGreaterThan(CALLS);
    expect(recording.problems.at(-1)?.message).toMatch(/cannot be read further: /);
  });

  it('whose first line is lost is read with the others where another file has it', async () => {
    const folder = temporaryFolder();
    const files = ['a.jsonl', 'b.jsonl'].map((name) => join(folder, name));
    writeFileSync(files[0] ?? '', text);
    writeFileSync(files[1] ?? '', lines.slice(1).join('\n'));
    const { recording } = await backtest({ policy: POLICY, recordings: files });
    expect(recording.calls).toBeGreaterThanOrEqual(CALLS);
  });

  it('of a newer version is refused, readably', async () => {
    const file = replay(withLines(1, '{"grpcBreakerCalls":2,"run":"x","part":0,"began":0,"horizon":1000000}'));
    await expect(file).rejects.toThrow(RecordingError);
    await expect(file).rejects.toThrow(/has format 2, and this version of grpc-breaker reads format 1/);
  });

  it('that is none is refused, and one that is not there', async () => {
    await expect(replay('{"level":"info"}\n')).rejects.toThrow(/no recording of recordCalls/);
    await expect(replay('')).rejects.toThrow(/no recording of recordCalls/);
    await expect(backtest({ policy: POLICY, recordings: '/nowhere/calls.jsonl' })).rejects.toThrow(
      'there is no file /nowhere/calls.jsonl',
    );
  });
});
