import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { harmChart } from '../../bench/detection/report/chart.ts';
import { replaceParts } from '../../bench/detection/report/markdown.ts';
import { scenarioRows } from '../../bench/detection/report/rows.ts';
import { summarize } from '../../bench/detection/report/summary.ts';
import { markdownTable } from '../../bench/detection/report/table.ts';
import { compare } from '../../bench/detection/report/totals.ts';
import { plain } from '../../bench/detection/scenarios/build.ts';
import type { Scenario } from '../../bench/detection/scenarios/scenario.ts';
import { type Measures, measure } from '../../bench/detection/sim/measure.ts';
import { FATE } from '../../bench/detection/sim/simulate.ts';

/** Ten calls, one a second; a fault from 2 s to 6 s, a blip from 8 s on. */
const scenario: Scenario = {
  ...plain('s', 'a fault & a blip', 1, 10_000),
  faults: [{ fromMs: 2_000, toMs: 6_000 }],
  blips: [{ fromMs: 8_000, toMs: 9_000 }],
};
const arrivals = Float64Array.from({ length: 10 }, (_, i) => i * 1_000);
const workload = { seed: 1, calls: 10, arrivals, clients: new Uint8Array(10), luck: arrivals, slowness: arrivals };
const { good, slow, failed, refusedGood, refusedBad } = FATE;

const runOf = (fates: number[], trips: number[]): Measures => {
  const begun = arrivals.map((at, i) => ((fates[i] as number) >= refusedGood ? Number.NaN : at));
  return measure(scenario, workload, { fates: Uint8Array.from(fates), begun, trips });
};

// Background errors at 1 s; the fault from call 2 to call 5; full traffic from call 8 on, where a blip fails.
const fates = [good, failed, failed, slow, refusedBad, refusedGood, refusedGood, refusedGood, failed, good];

describe('the measures', () => {
  it('tell harm, lost and refused calls apart by what the server was like', () => {
    const { harmful, goodLost, refusedHealthy, healthyCalls, msToFullTraffic } = runOf(fates, [3_500]);
    expect({ harmful, goodLost, refusedHealthy, healthyCalls }).toEqual({
      harmful: 3,
      goodLost: 1,
      refusedHealthy: 2,
      healthyCalls: 5,
    });
    expect(msToFullTraffic).toEqual([1_000]);
  });

  it('count from the beginning of the fault to the first trip in it', () => {
    const { callsToTrip, msToTrip } = runOf(fates, [1_500, 3_500, 5_000]);
    expect({ callsToTrip, msToTrip }).toEqual({ callsToTrip: [2], msToTrip: [1_500] });
  });

  it.for([
    ['before the fault', [1_999], 1],
    ['in the fault, and while its last calls end', [2_000, 6_200], 0],
    ['after it', [6_300], 1],
    ['at a blip', [8_500], 1],
  ] as const)('know a false trip: %s', ([, trips, falseTrips]) => {
    expect(runOf(fates, [...trips]).falseTrips).toBe(falseTrips);
  });
});

describe('the report', () => {
  const mine = summarize({ scenario: 's', contender: 'grpc-breaker', runs: [runOf(fates, [3_500]), runOf(fates, [])] });
  const through = [good, failed, failed, slow, failed, good, good, good, failed, good];
  const none = summarize({ scenario: 's', contender: 'no breaker', runs: [runOf(through, [9_500])] });

  it('has medians, and null where it never happened', () => {
    expect(mine.msToTrip).toEqual({ median: 1_500, p95: null });
    expect(none.msToTrip).toEqual({ median: null, p95: null });
    expect(none.falsePerMillion).toBe(200_000);
  });

  it('sums up what is harmful and what is refused in health', () => {
    expect(compare([mine, none], 'grpc-breaker')).toEqual([
      {
        contender: 'no breaker',
        harm: 4,
        oursHarm: 5,
        factor: 0.8,
        scenarios: 1,
        lower: 0,
        equal: [],
        higher: [{ scenario: 's', ours: 5, theirs: 4 }],
        moreFalseTrips: [],
      },
    ]);
  });

  it('is a table in which each row has a cell for each column', () => {
    const lines = markdownTable(scenarioRows([mine, none], scenario)).split('\n');
    expect(lines).toHaveLength(4);
    expect(new Set(lines.map((line) => line.split('|').length)).size).toBe(1);
    expect(lines[2]).toContain('| 1.5 s (never) |');
  });

  it('replaces the marked parts of a page, and nothing else', () => {
    const page = 'a\n<!-- bench:detection run -->\nold\n<!-- end -->\nb\n<!-- bench:detection other -->\nkept\n<!-- end -->\n';
    const once = replaceParts(page, new Map([['run', 'new']]));
    expect(once).toBe(page.replace('old', 'new'));
    expect(replaceParts(once, new Map([['run', 'new']]))).toBe(once);
    expect(() => replaceParts(page, new Map([['missing', 'x']]))).toThrow('<!-- bench:detection missing -->');
  });

  it('draws a mark for each contender in each scenario, further right where it costs more', () => {
    const svg = harmChart([mine, none], [scenario], ['grpc-breaker', 'no breaker']);
    expect(svg).toContain('a fault &amp; a blip');
    const circles = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x));
    const squares = [...svg.matchAll(/<rect x="([\d.]+)"/g)].map(([, x]) => Number(x) + 5);
    expect(squares[0]).toBeGreaterThan(circles[0] as number);
  });
});

describe('npm run bench:detection', () => {
  it('runs, and prints one JSON object', async () => {
    const args = ['bench/detection/main.ts', '--quick', '--json', '--scenario', 'hang'];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const report = JSON.parse(stdout) as { results: { contender: string; harmful: number }[]; goals: unknown[] };
    const harmful = (name: string) => report.results.find(({ contender }) => contender === name)?.harmful ?? Number.NaN;
    expect(harmful('grpc-breaker')).toBeLessThan(harmful('no breaker') / 50);
    expect(report.results).toHaveLength(9);
    expect(report.goals.length).toBeGreaterThan(0);
  }, 30_000);
});
