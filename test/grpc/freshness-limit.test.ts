import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/testing/index.ts';
import { ask, remembering } from '../fallback/helpers/asking.ts';
import { type SerialServer, startSerialServer } from '../fallback/helpers/serial-server.ts';
import { Scripted } from './helpers/scripted-service.ts';

// Freshness to the millisecond, on a clock of the test's. With real time and lateness: freshness.test.ts.

describe('staleAfter', () => {
  let server: SerialServer;
  beforeAll(async () => {
    server = await startSerialServer();
  });
  afterAll(() => server.stop());

  it.each([
    [5_000, 'delivered', { success: 1, failure: 0, ignored: 0 }],
    [5_000.5, 'too late, by what a timer may be late', { success: 0, failure: 1, ignored: 0 }],
    [5_002.5, 'too late, and its timer should have ended it: this process was busy', { success: 0, failure: 0, ignored: 1 }],
  ])('an answer of %d ms is %s', async (ageMs, _what, counts) => {
    const { client, clock, breaker } = remembering(server.target, {}, { staleAfter: '5s' });
    server.next = { before: () => clock.advance(ageMs) };
    const { text, error } = await ask(client);
    expect(text).toMatch(ageMs > 5_000 ? /^DEADLINE_EXCEEDED$/ : /^nobody/);
    if (ageMs > 5_000)
      expect(error?.details).toBe(`the answer was ${Math.ceil(ageMs)} ms old when it could be delivered; staleAfter is 5000 ms`);
    expect(breaker(server.target, 'unary').snapshot().counts).toMatchObject(counts);
  });

  it('looks again at the very end: storing an answer takes time', async () => {
    const clock = new ManualClock(1_000);
    const { Unary } = Scripted.service as { Unary: NonNullable<(typeof Scripted.service)[string]> };
    let storingMs = 5_000;
    const responseSerialize = (answer: unknown) => {
      clock.advance(storingMs);
      return Unary.responseSerialize(answer);
    };
    const services = [{ Unary: { ...Unary, responseSerialize } }];
    const { client, breaker } = remembering(server.target, { maxAge: '60s' }, { staleAfter: '5s' }, { clock, services });
    server.next = {};
    expect((await ask(client)).text).toMatch(/^nobody/);
    storingMs = 5_001;
    const { text, info } = await ask(client);
    expect([text, info]).toEqual([
      expect.stringMatching(/^nobody/),
      expect.objectContaining({ source: 'lastGood', reason: 'stale' }),
    ]);
    expect(breaker(server.target, 'unary').snapshot().counts).toMatchObject({ success: 2, failure: 0 });
  });
});
