import { expect, it } from 'vitest';
import { formatCount, formatMs, formatRate, formatShare } from '../../src/cli/formats.ts';
import { plainText } from '../../src/cli/plain-text.ts';

it.for([
  [0, '0 ms'],
  [0.6129, '0.61 ms'],
  [9.94, '9.9 ms'],
  [999.4, '999 ms'],
  [1_000, '1.0 s'],
  [9_949, '9.9 s'],
  [9_950, '10 s'],
  [59_400, '59 s'],
  [59_600, '1m'],
  [60_000, '1m'],
  [80_000, '1m 20s'],
  [3_600_000, '1h'],
  [3_900_000, '1h 5m'],
  [90_000_000, '1d 1h'],
] as const)('writes %d ms as %s', ([ms, text]) => {
  expect(formatMs(ms)).toBe(text);
});

it.for([
  [0, '0%'],
  [0.00004, '0.004%'],
  [0.0321, '3.2%'],
  [0.0996, '10%'],
  [1, '100%'],
] as const)('writes a share of %d as %s', ([share, text]) => {
  expect(formatShare(share)).toBe(text);
});

it('writes counts and rates short', () => {
  expect([9_999, 12_345, 123_456, 999_960, 3_140_000].map(formatCount)).toEqual(['9999', '12.3k', '123k', '1M', '3.1M']);
  expect([0, 0.01, 0.26, 9.96, 41.7, 12_345].map(formatRate)).toEqual(['0', '<0.1', '0.3', '10', '42', '12.3k']);
});

it('shows what could move the cursor or turn a line round', () => {
  expect(plainText('a\u001b[2J\u202e\u0085\n\u{e0001}é模')).toBe('a\\u001b[2J\\u202e\\u0085\\u000a\\ue0001é模');
});
