import { array, assert, nat, oneof, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ring } from '../../src/admin/dashboard/ring.ts';

describe('Ring', () => {
  it('has what a list of all buckets would have, however time jumps', () => {
    const step = record({ jump: oneof(nat(30), nat(3_000)), amount: nat(9) });
    assert(
      property(array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const ring = new Ring(10, 8, 2);
        const all = new Map<number, number>();
        let now = 50_000;
        for (const { jump, amount } of steps) {
          now += jump;
          ring.moveTo(now);
          ring.add(1, amount);
          const bucket = Math.floor(now / 10);
          all.set(bucket, (all.get(bucket) ?? 0) + amount);
        }
        const newest = Math.floor(now / 10);
        const kept = Array.from({ length: 8 }, (_, index) => all.get(newest - 7 + index) ?? null);
        expect(ring.read(1)).toEqual(kept);
        expect(ring.read(0)).toEqual(kept.map(() => null));
        expect(ring.sum(1)).toBe(kept.reduce<number>((sum, value) => sum + (value ?? 0), 0));
        expect(ring.startsMs).toBe((newest - 7) * 10);
      }),
    );
  });

  it('does not go back: what comes late is in the newest bucket', () => {
    const ring = new Ring(10, 4, 1);
    ring.moveTo(100);
    ring.moveTo(85);
    ring.add(0, 1);
    expect(ring.read(0)).toEqual([null, null, null, 1]);
  });
});
