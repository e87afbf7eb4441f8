import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UNJUDGED } from '../../src/core/permit.ts';
import { parsePolicy } from '../../src/policy/policy.ts';
import { BreakerRegistry } from '../../src/policy/registry.ts';
import { backtest } from '../../src/recording/backtest.ts';
import { loadRecording } from '../../src/recording/load-recording.ts';
import { type CallRecording, type RecordCallsOptions, recordCalls } from '../../src/recording/record-calls.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { callsOf, linesOf, notesOf } from './helpers/read.ts';
import { temporaryFolder } from './helpers/temporary-folder.ts';

function recorder(file: string, options: RecordCallsOptions = {}) {
  const record = recordCalls(file, options);
  const clock = new ManualClock(100);
  const warnings: string[] = [];
  record.begin({ clock, wallClockNow: () => 1_795_000_000_000, onWarning: (message) => warnings.push(message) });
  const [policy] = parsePolicy({ methods: [{}] }).methods;
  if (policy === undefined) throw new Error('no policy');
  const registry = new BreakerRegistry(10, { clock, random: () => 0.5 });
  const entry = registry.acquire('server/pkg.Service/Method', policy, 'server', 'pkg.Service/Method');
  /** So many calls, one each millisecond. */
  const calls = (count: number, from: CallRecording = record) => {
    for (let n = 0; n < count; n++) {
      const call = {
        binding: { method: 'pkg.Service/Method', isResponseStream: false },
        permitGeneration: UNJUDGED + 1,
        askedMs: clock.now(),
        latencyMs: -1,
        recorded: undefined,
      };
      from.callAdmitted(call, entry, clock.now(), Infinity);
      clock.advance(1);
      from.callEnded(call, entry, 'success', 0, undefined, 1, Number.NaN, clock.now());
    }
  };
  return { record, calls, warnings, clock };
}

describe('files that are full', () => {
  it.for([false, true])(
    'are kept under other names, readable by themselves, and no more than may be (gzip: %s)',
    async (gzip) => {
      const folder = temporaryFolder();
      const { record, calls } = recorder(join(folder, 'calls.jsonl'), { maxSize: '16KB', maxFiles: 3, gzip });
      for (let n = 0; n < 30; n++) {
        calls(200);
        await record.flush();
      }
      await record.close();
      const ending = gzip ? '.gz' : '';
      expect(readdirSync(folder).toSorted()).toEqual([`calls.1.jsonl${ending}`, `calls.2.jsonl${ending}`, 'calls.jsonl']);
      const parts: number[] = [];
      for (const name of readdirSync(folder)) {
        const file = join(folder, name);
        const [header, policy, breaker] = linesOf(file) as Record<string, unknown>[];
        expect(header).toMatchObject({ grpcBreakerCalls: 1 });
        expect([policy?.['path'], breaker?.['name']]).toEqual(['methods[0]', 'server/pkg.Service/Method']);
        parts.push(Number(header?.['part']));
        const { recording } = await backtest({ policy: { methods: [{}] }, recordings: file });
        expect(recording).toMatchObject({ badLines: 0, calls: callsOf(file).length });
        if (!gzip) expect(statSync(file).size).toBeLessThan(24_000);
      }
      expect(parts.toSorted((one, other) => one - other)).toEqual([
        Math.max(...parts) - 2,
        Math.max(...parts) - 1,
        Math.max(...parts),
      ]);
      const files = readdirSync(folder).map((name) => join(folder, name));
      const { recording, notes, lanes } = await backtest({ policy: { methods: [{}] }, recordings: files });
      expect(recording).toMatchObject({ runs: 1, badLines: 0, withoutStart: 0 });
      expect(lanes[1]?.total.succeeded).toBe(recording.calls);
      expect(notes.join()).toContain(`begins with its part ${Math.min(...parts) + 1}`);
      expect((await loadRecording(files)).files.at(-1)?.file).toBe(join(folder, 'calls.jsonl'));
    },
  );

  it('of before are gone on with, as another run', async () => {
    const file = join(temporaryFolder(), 'calls.jsonl');
    for (let n = 0; n < 2; n++) {
      const { record, calls } = recorder(file);
      calls(10);
      await record.close();
    }
    const { recording } = await backtest({ policy: { methods: [{}] }, recordings: file });
    expect(recording).toMatchObject({ calls: 20, badLines: 0 });
  });
});

describe('a time without calls', () => {
  it('is no damage: the recording says that it was quiet', async () => {
    const file = join(temporaryFolder(), 'calls.jsonl');
    const { record, calls, clock } = recorder(file);
    calls(5);
    for (let minute = 0; minute < 180; minute++) {
      clock.advance(61_000);
      await record.flush();
    }
    calls(5);
    await record.close();
    expect(notesOf(file)).toHaveLength(3 + 180 + 1);
    const { recording } = await backtest({ policy: { methods: [{}] }, recordings: file });
    expect(recording).toMatchObject({ calls: 10, badLines: 0 });
  });
});

describe('a disk that is too slow', () => {
  it('costs lines, not calls and memory: they are counted, and the recording says so', async () => {
    const file = join(temporaryFolder(), 'calls.jsonl');
    const { record, calls } = recorder(file, { buffer: '128KB' });
    // All in one turn of the event loop: nothing can be written meanwhile.
    calls(20_000);
    const { dropped } = record;
    expect(dropped).toBeGreaterThan(1_000);
    await record.flush();
    calls(10);
    await record.close();
    expect(callsOf(file)).toHaveLength(20_010 - dropped);
    expect(notesOf(file).find((note) => 'dropped' in note)?.['dropped']).toBe(dropped);
    const { recording, notes } = await backtest({ policy: { methods: [{}] }, recordings: file });
    expect(recording).toMatchObject({ dropped, badLines: 0 });
    expect(notes.join()).toContain(`${dropped} lines could not be written`);
  });

  it('and one that fails ends the recording alone, with one warning', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'calls.jsonl');
    mkdirSync(file);
    const { record, calls, warnings } = recorder(file);
    calls(10);
    await record.flush();
    calls(5_000);
    await record.flush();
    await record.close();
    expect(warnings).toEqual([`recording calls to ${file} has ended`]);
  });
});

describe('a recorder that fails', () => {
  it('warns once, and no call hears of it', async () => {
    const { record, calls, warnings } = recorder(join(temporaryFolder(), 'calls.jsonl'));
    for (let n = 0; n < 3; n++) {
      expect(() => record.callAdmitted(undefined as never, undefined as never, 1, 1)).not.toThrow();
      expect(() => record.event(undefined as never)).not.toThrow();
    }
    expect(warnings).toEqual(['recording a call failed; the call goes on (said once)']);
    calls(3);
    await record.close();
    expect(record.calls).toBe(3);
    // After its end, too.
    expect(() => calls(3)).not.toThrow();
    expect(record.calls).toBe(3);
  });
});

describe('the end of a process', () => {
  it.for(['process.exit(0);', 'setTimeout(() => process.exit(0), 300);', 'record.flush(); process.exit(0);'])(
    'loses nothing that was recorded: %s',
    (ending) => {
      const folder = temporaryFolder();
      const file = join(folder, 'calls.jsonl');
      const program = join(folder, 'program.ts');
      const source = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
      writeFileSync(
        program,
        `import { recordCalls } from ${source('recording/record-calls.ts')};
const record = recordCalls(${JSON.stringify(file)});
record.begin({ clock: { now: () => 5 }, wallClockNow: () => 0, onWarning: () => {} });
for (let n = 0; n < 100; n++) record.event({ type: 'override', breaker: 'b' + n, override: null, reason: 'r', atMs: 5 });
${ending}`,
      );
      execFileSync(process.execPath, [program]);
      expect(existsSync(file)).toBe(true);
      expect(notesOf(file).filter((note) => 'event' in note)).toHaveLength(100);
      expect(notesOf(file).at(-1)).toMatchObject({ closed: true });
    },
  );
});

describe('options', () => {
  it('that make no sense are refused, all at once', () => {
    expect(() => recordCalls('calls.jsonl', { maxSize: '1KB', maxFiles: 1, buffer: 'much' as never })).toThrow(/3 problems.*/s);
    expect(() => recordCalls('')).toThrow('file: expected the name of a file');
  });
});
