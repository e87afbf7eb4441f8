import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationSchema, parseDuration, parseShare, positiveShareSchema, shareSchema } from '../../src/policy/units.ts';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const unitArb = fc.constantFrom(...(Object.keys(UNITS) as (keyof typeof UNITS)[]));

describe('a duration', () => {
  it.each([
    ['50ms', 50],
    ['5s', 5_000],
    ['1.5s', 1_500],
    ['0.25ms', 0.25],
    ['2m', 120_000],
    ['1h', 3_600_000],
    [' 5s ', 5_000],
    ['007s', 7_000],
    ['0ms', 0],
  ])('%o is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    '',
    '5',
    's',
    '5 s',
    '-5s',
    '+5s',
    '1e3ms',
    '.5s',
    '5.s',
    '5S',
    '5sec',
    '5s5',
    '1m30s',
    'Infinitys',
    '٥s',
    '5d',
    'NaNms',
  ])('%o is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('is a number and a unit, whatever the number', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), fc.option(fc.nat({ max: 999 }), { nil: undefined }), unitArb, (whole, fraction, unit) => {
        const text = fraction === undefined ? String(whole) : `${whole}.${fraction}`;
        expect(parseDuration(text + unit)).toBe(Number(text) * UNITS[unit]);
      }),
    );
  });

  it('is nothing else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/^\s*\d+(\.\d+)?(ms|s|m|h)\s*$/.test(text));
        expect(parseDuration(text)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['5', '"5" is not a duration; expected a duration with its unit, such as "50ms", "5s" or "2m"'],
    [5, '5 is not a duration; expected a duration with its unit, such as "50ms", "5s" or "2m"'],
    ['0s', '"0s" is zero; expected a duration with its unit, such as "50ms", "5s" or "2m"'],
    [null, 'null is not a duration; expected a duration with its unit, such as "50ms", "5s" or "2m"'],
  ])('%o in a document is refused', (value, message) => {
    expect(durationSchema.safeParse(value).error?.issues.map((issue) => issue.message)).toEqual([message]);
  });
});

describe('a share', () => {
  it.each([
    ['50%', 0.5],
    ['0%', 0],
    ['100%', 1],
    ['12.5%', 0.125],
    [' 50 % ', 0.5],
    [0, 0],
    [0.3, 0.3],
    [1, 1],
  ])('%o is %d', (value, share) => {
    expect(parseShare(value)).toBe(share);
  });

  it.each(['', '%', '50', '0.5', '101%', '-1%', '1e1%', '50%%', 'half', 1.0001, -0.0001, 50, Number.NaN, Infinity])(
    '%o is none',
    (value) => {
      expect(parseShare(value)).toBeUndefined();
    },
  );

  it('is a percentage up to 100', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2_000 }), (tenths) => {
        const share = parseShare(`${tenths / 10}%`);
        if (tenths > 1_000) expect(share).toBeUndefined();
        else expect(share).toBeCloseTo(tenths / 1_000, 12);
      }),
    );
  });

  it('is a number from 0 to 1, as it is', () => {
    fc.assert(
      fc.property(fc.double(), (number) => {
        expect(parseShare(number)).toBe(number >= 0 && number <= 1 ? number : undefined);
      }),
    );
  });

  it.each([
    ['50', '"50" is not a share; expected "50%" or a number from 0 to 1'],
    [50, '50 is not a share; expected "50%" or a number from 0 to 1'],
    [true, 'true is not a share; expected "50%" or a number from 0 to 1'],
  ])('%o in a document is refused', (value, message) => {
    expect(shareSchema.safeParse(value).error?.issues.map((issue) => issue.message)).toEqual([message]);
  });

  it('that trips is over zero', () => {
    expect(positiveShareSchema.safeParse('0%').error?.issues[0]?.message).toBe(
      'is zero, which every call reaches; expected a share over 0, such as "50%"',
    );
    expect(positiveShareSchema.parse('1%')).toBe(0.01);
  });
});
