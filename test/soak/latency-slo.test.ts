import { describe, expect, it } from 'vitest';
import type { LatencySloConfig, WindowConfig } from '../../src/core/options.ts';
import { LatencySlo } from '../../src/core/trip/latency-slo.ts';
import { createWindow } from '../../src/core/window/create-window.ts';
import { LIMIT_MS, randomFrom, Traffic } from '../core/helpers/slo-traffic.ts';

const MILLION = 1_000_000;
const ALLOWED = 0.01;
const WINDOWS: readonly WindowConfig[] = [{ calls: 20 }, { calls: 100 }, { calls: 1_000 }, { durationMs: 10_000, slices: 10 }];

function make(window: WindowConfig, confidence = 0.999): LatencySlo {
  const config: LatencySloConfig = { percentile: 1 - ALLOWED, limitMs: LIMIT_MS, window, minCalls: 20, confidence };
  return new LatencySlo(config);
}

const nameOf = (window: WindowConfig): string => ('calls' in window ? `${window.calls} calls` : `${window.durationMs / 1_000} s`);

/** How often the condition is met in so many calls; it is cleared each time, as by a breaker that opens. */
function misfires(condition: LatencySlo, traffic: Traffic, calls: number): number {
  let count = 0;
  let left = calls;
  while (left > 0) {
    const at = traffic.send(condition, left, ALLOWED);
    if (at === 0) break;
    left -= at;
    count++;
    condition.clear();
  }
  return count;
}

describe('20 million calls whose P99 is the limit', () => {
  it.each(WINDOWS)('never trip (%j, 200 calls/s)', (window) => {
    const count = misfires(make(window), new Traffic(1, 5), 20 * MILLION);
    console.log(`latencySlo, window of ${nameOf(window)}: ${count} misfires in 20 million calls`);
    expect(count).toBe(0);
  });

  it.each(WINDOWS)('never trip in lots of 1000 at once, whose slow ones end last (%j)', (window) => {
    const count = new Traffic(2, 1_000).sendLots(make(window), 20_000, 1_000, ALLOWED, true) === 0 ? 0 : 1;
    console.log(`latencySlo, window of ${nameOf(window)}, lots of 1000: ${count} misfires in 20 million calls`);
    expect(count).toBe(0);
  });

  it('trip a bound that holds for a single look hundreds of times', () => {
    const most = perLook(1_000, 0.001);
    const window = createWindow({ calls: 1_000 });
    const random = randomFrom(3);
    let count = 0;
    let looks = 0;
    let wasMet = false;
    for (let i = 0; i < 20 * MILLION; i++) {
      window.record(random() < ALLOWED, 0);
      const isMet = window.total >= 20 && window.hits > (most[window.total] as number);
      if (isMet) looks++;
      if (isMet && !wasMet) count++;
      wasMet = isMet;
    }
    console.log(
      `binomial test, 99.9 % at each look, window of 1000 calls: met ${count} times, at ${looks} looks, in 20 million calls`,
    );
    expect(count).toBeGreaterThan(100);
  });
});

it('of 2000 lives of 20,000 calls with a confidence of 90 %, at most 10 % misfire', () => {
  for (const window of WINDOWS) {
    let wrong = 0;
    for (let life = 0; life < 2_000; life++) if (new Traffic(life + 1, 5).send(make(window, 0.9), 20_000, ALLOWED) > 0) wrong++;
    console.log(`latencySlo with a confidence of 90 %, window of ${nameOf(window)}: ${wrong / 20} % of lives misfire`);
    expect(wrong / 2_000).toBeLessThanOrEqual(0.1);
  }
});

it('a fault after a million healthy calls is seen', () => {
  const lives = 31;
  const rows: string[] = [];
  for (const window of WINDOWS) {
    for (const gapMs of 'calls' in window ? [5] : [1, 5, 50]) {
      const cells = [0.02, 0.05, 0.1, 0.3, 1].map((share) => {
        const calls = Array.from({ length: lives }, (_, life) => {
          const condition = make(window);
          const traffic = new Traffic(1_000 + life, gapMs);
          expect(traffic.send(condition, MILLION, 0.002)).toBe(0);
          const at = traffic.send(condition, MILLION, share);
          expect(at).toBeGreaterThan(0);
          return at;
        }).sort((a, b) => a - b);
        return `${calls[lives >> 1]} (${calls[Math.floor(lives * 0.95)]})`;
      });
      rows.push(`| ${nameOf(window)}, ${1_000 / gapMs} calls/s | ${cells.join(' | ')} |`);
    }
  }
  console.log(
    `Calls to the trip, median (P95), when this share is slow:\n| window | 2 % | 5 % | 10 % | 30 % | 100 % |\n${rows.join('\n')}`,
  );
});

it('a call costs little', () => {
  for (const window of WINDOWS) {
    const condition = make(window);
    for (let i = 1; i <= MILLION; i++) condition.record(false, 10 + (i & 7), i * 5, false);
    const startMs = performance.now();
    for (let i = MILLION; i <= 11 * MILLION; i++) condition.record(false, 10 + (i & 7), i * 5, false);
    const ns = (performance.now() - startMs) / 10;
    console.log(`latencySlo, window of ${nameOf(window)}: ${ns.toFixed(0)} ns a call, ${condition.byteLength} bytes of arrays`);
  }
});

/** For each number of calls, the most slow ones that a test of one look with an error of `alpha` lets pass. */
function perLook(calls: number, alpha: number): number[] {
  return Array.from({ length: calls + 1 }, (_, n) => {
    let probability = (1 - ALLOWED) ** n;
    let below = probability;
    let most = 0;
    while (1 - below >= alpha) {
      probability *= ((n - most) / (most + 1)) * (ALLOWED / (1 - ALLOWED));
      most++;
      below += probability;
    }
    return most;
  });
}
