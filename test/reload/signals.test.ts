import { expect, it } from 'vitest';
import { createBreakers, type Signal, type SignalListener } from '../../src/index.ts';

/** A signal that counts who listens. */
class HandSignal implements Signal {
  readonly listeners = new Set<SignalListener>();
  begun = 0;

  subscribe(listener: SignalListener): () => void {
    this.begun++;
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  say(firing: boolean): void {
    for (const listener of this.listeners) listener.reading({ firing });
  }
}

const TRIP = { trip: { signal: 'hot' } } as const;

it('goes on with the signals that both policies name, and with what they know', () => {
  const [hot, cold] = [new HandSignal(), new HandSignal()];
  const breakers = createBreakers({ methods: [TRIP] }, { signals: { hot, cold }, telemetry: false });
  hot.say(true);
  breakers.reload({ methods: [{ ...TRIP, openFor: '3s' }] });
  expect([hot.begun, hot.listeners.size, cold.begun]).toEqual([1, 1, 0]);
  expect(breakers.signals()).toMatchObject([{ signal: 'hot', firing: true, policies: ['methods[0]'] }]);

  breakers.reload({ methods: [{ name: [{ service: 'pkg.Other' }] }, { trip: { signal: ['hot', 'cold'] } }] });
  expect(breakers.signals()).toMatchObject([
    { signal: 'hot', policies: ['methods[1]'] },
    { signal: 'cold', firing: false },
  ]);
  expect([hot.begun, cold.begun]).toEqual([1, 1]);

  breakers.reload({ methods: [{ trip: { signal: 'cold' } }] });
  expect([hot.listeners.size, cold.listeners.size]).toEqual([0, 1]);
  breakers.dispose();
  expect(cold.listeners.size).toBe(0);
});

it('listens to nothing any more after the breakers are disposed of, whatever is reloaded', () => {
  const hot = new HandSignal();
  const breakers = createBreakers({ methods: [TRIP] }, { signals: { hot }, telemetry: false });
  breakers.dispose();
  breakers.reload({ methods: [{ ...TRIP, openFor: '3s' }] });
  expect(hot.listeners.size).toBe(0);
});
