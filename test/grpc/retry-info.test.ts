import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryDelayOf } from '../../src/grpc/retry-info.ts';
import { debugDetail, retryDetail, retryInfo, richStatus } from './helpers/rich-status.ts';

describe('the delay in a google.rpc.RetryInfo', () => {
  it('is read in milliseconds, to the nanosecond, whatever stands beside it', () => {
    const delay = fc.record({ seconds: fc.integer({ min: 0, max: 1e9 }), nanos: fc.integer({ min: 0, max: 999_999_999 }) });
    fc.assert(
      fc.property(delay, fc.array(fc.string({ maxLength: 20 })), ({ seconds, nanos }, others) => {
        const bytes = richStatus([...others.map(debugDetail), retryDetail(seconds, nanos), debugDetail('last')]);
        expect(retryDelayOf(bytes)).toBeCloseTo(seconds * 1_000 + nanos / 1e6, 3);
      }),
    );
  });

  it('is the longest where there are several', () => {
    expect(retryDelayOf(richStatus([retryDetail(1), retryDetail(3), retryDetail(2)]))).toBe(3_000);
  });

  it.each([
    ['no details', richStatus([])],
    ['other details', richStatus([debugDetail('type.googleapis.com/google.rpc.RetryInfo')])],
    ['no value', richStatus([{ type_url: 'type.googleapis.com/google.rpc.RetryInfo', value: Buffer.alloc(0) }])],
    ['another message that ends alike', richStatus([{ type_url: 'x/my.google.rpc.RetryInfo', value: retryInfo(1) }])],
    ['a negative time', richStatus([retryDetail(-1)])],
    ['negative nanoseconds', richStatus([retryDetail(0, -1)])],
    ['more nanoseconds than a second has', richStatus([retryDetail(0, 1_000_000_000)])],
    ['longer than a Duration may be', richStatus([retryDetail(315_576_000_001)])],
    ['a zero', richStatus([retryDetail(0)])],
    ['no bytes', Buffer.alloc(0)],
    ['more bytes than headers have', Buffer.concat([richStatus([retryDetail(1)]), Buffer.alloc(70_000)])],
  ])('is none: %s', (_name, bytes) => {
    expect(retryDelayOf(bytes)).toBe(0);
  });

  it('never throws, and is a number from 0 on, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const delayMs = retryDelayOf(bytes);
        expect(delayMs >= 0 && Number.isFinite(delayMs)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it('never throws where good bytes are cut or changed; what is cut says nothing', () => {
    const good = richStatus([debugDetail('here'), retryDetail(5, 250_000_000)]);
    for (let length = 0; length < good.length; length++) expect(retryDelayOf(good.subarray(0, length))).toBe(0);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(good);
        changed[at] = byte;
        expect(retryDelayOf(changed)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 3_000 },
    );
  });
});
