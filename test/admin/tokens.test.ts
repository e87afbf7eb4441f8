import type { timingSafeEqual } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { TokenBook } from '../../src/admin/tokens.ts';

// It goes on to the real one: what is asked is whether, and with what, it is called.
const { compare } = vi.hoisted(() => ({ compare: vi.fn<typeof timingSafeEqual>() }));
vi.mock(import('node:crypto'), async (original) => {
  const real = await original();
  compare.mockImplementation(real.timingSafeEqual);
  return { ...real, timingSafeEqual: compare };
});

const READ = 'r'.repeat(20);
const WRITE = 'w'.repeat(40);

describe('tokens', () => {
  it('are found by what they are, under their names', () => {
    const book = new TokenBook({ read: READ, write: { anna: WRITE, robot: 'x'.repeat(16) } });
    expect(book.size).toBe(3);
    expect(book.find(READ)).toMatchObject({ name: 'read', permission: 'read' });
    expect(book.find(WRITE)).toMatchObject({ name: 'anna', permission: 'write' });
    for (const wrong of ['', READ.slice(1), `${READ}r`, 'read', '\u0000']) expect(book.find(wrong)).toBeUndefined();
  });

  it.each([
    [{ read: 'short' }, 'has 5 characters; expected at least 16'],
    [{ write: { anna: `${WRITE} ` } }, 'anna has spaces'],
    [{ read: READ, write: READ }, 'read and write are the same'],
    [{ read: 7 as unknown as string }, 'is no text'],
    [{ read: READ, write: undefined as unknown as string }, 'the admin token write is no text'],
    [{ write: {} }, 'the admin tokens write are none'],
  ])('that cannot be used are refused: %o', (tokens, text) => {
    expect(() => new TokenBook(tokens)).toThrow(text);
  });

  it('are compared as digests of one length, all of them each time, whatever was presented', () => {
    const tokens = { read: READ, write: { anna: WRITE, robot: 'x'.repeat(500) } };
    const book = new TokenBook(tokens);
    for (const presented of ['', 'a', READ, WRITE, 'x'.repeat(500), `${READ.slice(1)}y`, 'x'.repeat(100_000)]) {
      const before = compare.mock.calls.length;
      book.find(presented);
      const compared = compare.mock.calls.slice(before);
      expect(compared.map(([one, other]) => [one.byteLength, other.byteLength])).toEqual(
        [32, 32, 32].map((size) => [size, size]),
      );
    }
  });
});
